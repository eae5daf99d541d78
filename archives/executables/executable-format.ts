/**
 * Formats with which a file of a model can run code of its maker's choosing when a bot loads it:
 *
 * - `pickle`: Python's, also as joblib and in arrays of objects of NumPy
 * - `skops`: names types that its reader would have to be told to trust
 * - `hdf5`: weights of Keras, which may hold code as Lambda layers
 * - `tensorflow-graph`: may read and write files
 * - `python`: source or bytecode
 * - `native-code`: a library or a program
 * - `script`: begins with `#!`
 */
export const EXECUTABLE_FORMATS = [
  ...(['pickle', 'skops', 'hdf5', 'tensorflow-graph', 'python', 'native-code', 'script'] as const),
] as const

/** @see EXECUTABLE_FORMATS */
export type ExecutableFormat = (typeof EXECUTABLE_FORMATS)[number]

/** So many first bytes of a file tell its format. */
export const HEAD_BYTES = 256

const BY_NAME: readonly (readonly [RegExp, ExecutableFormat])[] = [
  [/\.(?:pkl|pickle|pck|joblib|dill)(?:\.(?:gz|z|bz2|xz|lzma))?$/i, 'pickle'],
  [/\.(?:h5|hdf5|keras)$/i, 'hdf5'],
  [/(?:^|\/)saved_model\.pb(?:txt)?$/i, 'tensorflow-graph'],
  [/\.(?:py|pyc|pyo|pyw|pyz|pth)$/i, 'python'],
  [/\.(?:so(?:\.\d+)*|dll|dylib|pyd|exe)$/i, 'native-code'],
]

const BY_HEAD: readonly (readonly [Buffer, ExecutableFormat])[] = [
  [Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), 'hdf5'],
  [Buffer.from('\x7fELF', 'latin1'), 'native-code'],
  [Buffer.from('cffaedfe', 'hex'), 'native-code'],
  [Buffer.from('feedfacf', 'hex'), 'native-code'],
  [Buffer.from('#!'), 'script'],
]

const NUMPY = Buffer.from('\x93NUMPY', 'latin1')

/** Opcodes of Python's pickletools: PROTO begins a pickle of protocol 2 and later, STOP ends any. */
const PROTO = 0x80
const STOP = 0x2e

/**
 * The format of a file by its name, its first bytes and its last one; undefined where it is none of those that run code.
 *
 * @param head At most {@link HEAD_BYTES}.
 */
export function executableFormatOf(path: string, head: Buffer, last: number): ExecutableFormat | undefined {
  const named = BY_NAME.find(([pattern]) => pattern.test(path))
  if (named !== undefined) return named[1]
  if (isPickle(head, last) || isArrayOfObjects(head)) return 'pickle'
  return BY_HEAD.find(([magic]) => head.subarray(0, magic.length).equals(magic))?.[1]
}

function isPickle(head: Buffer, last: number): boolean {
  const [opcode, protocol = 0] = head
  return opcode === PROTO && protocol >= 2 && protocol <= 5 && last === STOP
}

/** NumPy pickles what is no number: its header says `'descr': '|O'`, or `O` in the description of a record. */
function isArrayOfObjects(head: Buffer): boolean {
  if (!head.subarray(0, NUMPY.length).equals(NUMPY)) return false
  return /'descr':\s*(?:'\|?O|\[.*'\|?O\d*')/s.test(head.toString('latin1'))
}
