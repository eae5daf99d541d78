import { z } from 'zod'

/** Something that forbids nothing, and that somebody should look at. */
export const warningSchema = z.object({
  code: z.string().meta({ description: 'The stable code of the warning.', example: 'component-missing' }),
  message: z.string().meta({
    description: 'The warning in words.',
    example:
      'the archive has no folder components/train_DIETClassifier3 for rasa.nlu.classifiers.diet_classifier.DIETClassifier: right where that has learned nothing, wrong otherwise',
  }),
})
