"""The models that `train.py` trains: small data, tiny networks and one epoch, since only what is written matters here.

Each entry: what is trained (`both`, `nlu` or `core`), config.yml, domain.yml and the training data, as Python objects. The messages "hello" and "/greet" are what `judge.py` says to each.
"""

from typing import Any, Dict, List

VERSION = {"version": "3.1"}


def config(pipeline: List[Any], policies: List[Any], language: Any = "en") -> Dict[str, Any]:
    named = lambda entries: [entry if isinstance(entry, dict) else {"name": entry} for entry in entries]
    return {
        **{"recipe": "default.v1", "assistant_id": "bakery-matrix", "language": language},
        **{"pipeline": named(pipeline), "policies": named(policies)},
    }


def nlu(examples: Dict[str, List[str]], *more: Dict[str, Any]) -> Dict[str, Any]:
    intents = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in examples.items()
    ]
    return {**VERSION, "nlu": [*intents, *more]}


def rules(**answers: str) -> Dict[str, Any]:
    return {
        **VERSION,
        "rules": [
            {"rule": f"answer {intent}", "steps": [{"intent": intent}, {"action": action}]}
            for intent, action in answers.items()
        ],
    }


def stories(*conversations: List[Dict[str, Any]]) -> Dict[str, Any]:
    return {
        **VERSION,
        "stories": [{"story": f"story {number}", "steps": steps} for number, steps in enumerate(conversations)],
    }


TINY = {
    **{"epochs": 1, "random_seed": 1, "embedding_dimension": 4, "number_of_transformer_layers": 1},
    **{"transformer_size": 4, "number_of_attention_heads": 1, "hidden_layers_sizes": {"text": [], "label": []}},
    **{"dense_dimension": {"text": 4, "label": 4}, "concat_dimension": {"text": 4, "label": 4}},
}
TINY_POLICY = {
    **{"epochs": 1, "random_seed": 1, "embedding_dimension": 4, "encoding_dimension": 4},
    **{"number_of_attention_heads": 1, "max_history": 3},
    "number_of_transformer_layers": {"text": 1, "action_text": 1, "label_action_text": 1, "dialogue": 1},
    "transformer_size": {"text": 4, "action_text": 4, "label_action_text": 4, "dialogue": 4},
    "dense_dimension": {name: 4 for name in ("text", "action_text", "label_action_text", "intent", "action_name")},
    "concat_dimension": {name: 4 for name in ("text", "action_text", "label_action_text")},
}
DIET = {"name": "DIETClassifier", **TINY}
SELECTOR = {"name": "ResponseSelector", **TINY}
TED = {"name": "TEDPolicy", **TINY_POLICY}
UNEXPECTED = {"name": "UnexpecTEDIntentPolicy", **TINY_POLICY}
WORDS = ["WhitespaceTokenizer", "CountVectorsFeaturizer"]
LETTERS = {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 3}
LOGISTIC = "LogisticRegressionClassifier"

DOMAIN = {
    **VERSION,
    "intents": ["greet", "bye"],
    "responses": {"utter_greet": [{"text": "Good morning."}], "utter_bye": [{"text": "Goodbye."}]},
}
WITH_PERSON = {**DOMAIN, "entities": ["person"]}
RULES = rules(greet="utter_greet", bye="utter_bye")
NLU = nlu({"greet": ["hello", "hi there", "good morning"], "bye": ["bye", "see you", "good night then"]})
ENTITIES = nlu(
    {"greet": ["hello [Anna](person)", "hi there [Bob](person)", "hello"], "bye": ["bye [Anna](person)", "see you"]}
)
ONE_INTENT = nlu({"greet": ["hello [Anna](person)", "hi there", "good morning"]})
STORIES = stories(
    [{"intent": "greet"}, {"action": "utter_greet"}, {"intent": "bye"}, {"action": "utter_bye"}],
    [{"intent": "bye"}, {"action": "utter_bye"}],
)
END_TO_END = stories(
    [{"user": "hello"}, {"action": "utter_greet"}, {"user": "good bye then"}, {"action": "utter_bye"}],
    [{"intent": "greet"}, {"action": "utter_greet"}],
)
FAQ_DOMAIN = {**VERSION, "intents": ["faq", "greet"], "responses": {"utter_greet": [{"text": "Good morning."}]}}
FAQ_RULES = rules(nlu_fallback="utter_faq", faq="utter_faq", greet="utter_greet")
FAQ = {
    **nlu({"faq/hours": ["hello when do you open", "opening hours"], "faq/cakes": ["birthday cakes", "about cakes"]}),
    "responses": {"utter_faq/hours": [{"text": "At six."}], "utter_faq/cakes": [{"text": "Two days of notice."}]},
}
ORDER_DOMAIN = {
    **VERSION,
    **{"intents": ["greet", "bye", "order"], "entities": ["bread"], "actions": ["action_bake"]},
    "slots": {
        "bread": {"type": "text", "mappings": [{"type": "from_entity", "entity": "bread"}]},
        "price": {"type": "float", "min_value": 0.0, "max_value": float("inf"), "mappings": [{"type": "from_text"}]},
    },
    "forms": {"order_form": {"required_slots": ["bread"]}},
    "responses": {**DOMAIN["responses"], "utter_ask_bread": [{"text": "Which bread?", "buttons": []}]},
}
ORDER_RULES = {
    **VERSION,
    "rules": [
        *RULES["rules"],
        {
            "rule": "start the order",
            "steps": [{"intent": "order"}, {"action": "order_form"}, {"active_loop": "order_form"}],
        },
    ],
}
ORDER = nlu(
    {"greet": ["hello", "hi there"], "bye": ["bye", "see you"], "order": ["a [rye](bread) please", "two [rolls](bread)"]},
    {"synonym": "rye", "examples": "- rye bread\n"},
    {"lookup": "bread", "examples": "- sourdough\n- baguette\n"},
    {"regex": "postcode", "examples": "- \\d{5}\n"},
)
GERMAN_DOMAIN = {
    **VERSION,
    "intents": [{"grüßen": {"use_entities": []}}, "greet", "größe_wählen", "注文"],
    "responses": {
        "utter_hallo": [{"text": "Guten Morgen 🥐", "custom": {"a": {"b": [1, {"c": None}]}}}],
        "utter_größe": [{"text": "groß"}],
    },
}
GERMAN = nlu(
    {"grüßen": ["guten morgen", "grüß gott"], "greet": ["hello"], "größe_wählen": ["die große größe"], "注文": ["パンを ください"]}
)
GERMAN_RULES = rules(**{"grüßen": "utter_hallo", "greet": "utter_hallo"})
GERMAN_STORIES = stories(
    [{"intent": "größe_wählen"}, {"action": "utter_größe"}, {"intent": "注文"}, {"action": "utter_hallo"}],
    [{"intent": "注文"}, {"action": "utter_größe"}],
)
EVERYTHING = [
    *["WhitespaceTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer", "CountVectorsFeaturizer", LETTERS, DIET],
    *["EntitySynonymMapper", SELECTOR, {"name": "FallbackClassifier", "threshold": 0.1}],
    *["RegexEntityExtractor", "CRFEntityExtractor"],
]
ALL_POLICIES = ["MemoizationPolicy", "RulePolicy", UNEXPECTED, TED]

PIPELINES: Dict[str, Any] = {
    "rules-only": ("both", config(["KeywordIntentClassifier"], ["RulePolicy"]), DOMAIN, [RULES, NLU]),
    "language-null": ("both", config(["KeywordIntentClassifier"], ["RulePolicy"], None), DOMAIN, [RULES, NLU]),
    "keyword-one-intent": ("both", config(["KeywordIntentClassifier"], ["RulePolicy"]), DOMAIN, [rules(greet="utter_greet"), ONE_INTENT]),
    "logistic": ("both", config([*WORDS, LETTERS, LOGISTIC, "EntitySynonymMapper"], ["MemoizationPolicy", "RulePolicy"]), DOMAIN, [RULES, NLU]),
    "retrieval-only": ("both", config([*WORDS, DIET, SELECTOR, {"name": "FallbackClassifier", "threshold": 0.3}], ["RulePolicy"]), FAQ_DOMAIN, [FAQ_RULES, FAQ]),
    "retrieval-only-nlu": ("nlu", config([*WORDS, DIET, SELECTOR], ["RulePolicy"]), FAQ_DOMAIN, [FAQ]),
    "nlu-logistic": ("nlu", config([*WORDS, LOGISTIC], ["RulePolicy"]), DOMAIN, [NLU]),
    "nlu-diet-one-intent": ("nlu", config([*WORDS, DIET], ["RulePolicy"]), DOMAIN, [ONE_INTENT]),
    "nlu-diet-entities-only": ("nlu", config([*WORDS, {**DIET, "intent_classification": False}], ["RulePolicy"]), WITH_PERSON, [ENTITIES]),
    "core-only": ("core", config(EVERYTHING, ALL_POLICIES, "de"), GERMAN_DOMAIN, [GERMAN_RULES, GERMAN_STORIES]),
    "core-only-rules": ("core", config([*WORDS, DIET], ["RulePolicy"]), DOMAIN, [RULES]),
    "no-nlu-data": ("both", config([*WORDS, DIET], ["RulePolicy"]), DOMAIN, [RULES]),
    "end-to-end": ("both", config([*WORDS, DIET], ["RulePolicy", TED]), DOMAIN, [RULES, NLU, END_TO_END]),
    "end-to-end-without-nlu": ("both", config([*WORDS, DIET], ["RulePolicy", TED]), DOMAIN, [RULES, END_TO_END]),
    "custom-components": ("both", config(["WhitespaceTokenizer", "bakery_components.WordCounts", LOGISTIC, "bakery_components.AlwaysGreet"], ["RulePolicy"]), DOMAIN, [RULES, NLU]),
    "custom-classifier-with-diet": ("both", config([*WORDS, DIET, "bakery_components.AlwaysGreet"], ["RulePolicy"]), WITH_PERSON, [RULES, ONE_INTENT]),
    "keyword-with-diet": ("both", config([*WORDS, DIET, "KeywordIntentClassifier"], ["RulePolicy"]), WITH_PERSON, [RULES, ONE_INTENT]),
    "diet": ("both", config([*WORDS, DIET], ["RulePolicy"]), DOMAIN, [RULES, NLU]),
    "diet-entities": ("both", config([*WORDS, DIET], ["RulePolicy"]), WITH_PERSON, [RULES, ENTITIES]),
    "diet-one-intent": ("both", config([*WORDS, DIET], ["RulePolicy"]), WITH_PERSON, [RULES, ONE_INTENT]),
    "sklearn": ("both", config(["WhitespaceTokenizer", "bakery_components.LengthVectors", "SklearnIntentClassifier"], ["RulePolicy"]), DOMAIN, [RULES, NLU]),
    "sklearn-one-intent": ("both", config(["WhitespaceTokenizer", "bakery_components.LengthVectors", "SklearnIntentClassifier", "KeywordIntentClassifier"], ["RulePolicy"]), DOMAIN, [RULES, ONE_INTENT]),
    "conditional-random-fields": ("both", config([*WORDS, LOGISTIC, "CRFEntityExtractor", "EntitySynonymMapper"], ["RulePolicy"]), WITH_PERSON, [RULES, ENTITIES]),
    "forms": ("both", config([*WORDS, "RegexFeaturizer", "LexicalSyntacticFeaturizer", LOGISTIC, "RegexEntityExtractor", "EntitySynonymMapper"], ["RulePolicy"]), ORDER_DOMAIN, [ORDER_RULES, ORDER]),
    "no-policies": ("both", config([*WORDS, LOGISTIC], []), DOMAIN, [RULES, NLU]),
    "stories-memoized": ("both", config([*WORDS, LOGISTIC], ["AugmentedMemoizationPolicy"]), DOMAIN, [STORIES, NLU]),
    "stories-learned": ("both", config([*WORDS, LOGISTIC], ["MemoizationPolicy", TED, UNEXPECTED]), DOMAIN, [STORIES, NLU]),
    "rules-with-all-policies": ("both", config([*WORDS, LOGISTIC], ALL_POLICIES), DOMAIN, [RULES, NLU]),
    "fallback": ("both", config([*WORDS, LOGISTIC, {"name": "FallbackClassifier", "threshold": 0.9}], ["RulePolicy"]), DOMAIN, [rules(greet="utter_greet", nlu_fallback="utter_bye"), NLU]),
    "german-and-japanese": ("both", config(EVERYTHING, ALL_POLICIES, "de"), GERMAN_DOMAIN, [GERMAN_RULES, GERMAN_STORIES, GERMAN]),
}

# Those whose archives hold neural networks: Rasa needs a minute to load and try one of them where it needs a second for others.
WITH_NETWORKS = {
    *["core-only", "diet", "diet-entities", "end-to-end", "end-to-end-without-nlu", "german-and-japanese"],
    *["nlu-diet-entities-only", "retrieval-only", "retrieval-only-nlu", "stories-learned"],
}
