"""Components that Rasa does not ship, as a team would write them: one learns nothing, the others replace parts of the pipeline."""

from __future__ import annotations

from typing import Any, Dict, List, Text

import numpy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import DENSE_FEATURIZABLE_ATTRIBUTES
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class AlwaysGreet(GraphComponent, IntentClassifier):
    """Takes every message for a greeting. It is trained, but writes no folder: a graph may name one that is not there."""

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> AlwaysGreet:
        return cls()

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> AlwaysGreet:
        return cls()

    def train(self, training_data: TrainingData) -> Resource:
        return Resource("nothing_learned")

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            message.set("intent", {"name": "greet", "confidence": 1.0}, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class WordCounts(CountVectorsFeaturizer):
    """Rasa's own featurizer under a name of the team's."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LengthVectors(DenseFeaturizer, GraphComponent):
    """Dense features without a language model: how long the words are. The scikit-learn classifier needs dense ones."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {**DenseFeaturizer.get_default_config()}

    @classmethod
    def required_components(cls) -> List[type]:
        return [Tokenizer]

    def __init__(self, config: Dict[Text, Any], name: Text) -> None:
        super().__init__(name, config)

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> LengthVectors:
        return cls(config, execution_context.node_name)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            for attribute in DENSE_FEATURIZABLE_ATTRIBUTES:
                self._featurize(message, attribute)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        pass

    def _featurize(self, message: Message, attribute: Text) -> None:
        tokens = message.get(f"{attribute}_tokens") or message.get("text_tokens" if attribute == "text" else attribute)
        if not isinstance(tokens, list) or not tokens:
            return
        words = numpy.array([[len(token.text), float(len(token.text) > 4)] for token in tokens])
        for kind, features in ((FEATURE_TYPE_SEQUENCE, words), (FEATURE_TYPE_SENTENCE, words.sum(axis=0, keepdims=True))):
            message.add_features(Features(features, kind, attribute, self._identifier))
