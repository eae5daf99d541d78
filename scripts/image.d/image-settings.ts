/** How a container of the image runs: the part of an OCI image configuration that a Dockerfile sets. */
export interface ImageSettings {
  User?: string
  WorkingDir?: string
  Env: string[]
  Entrypoint?: string[]
  Cmd?: string[]
  Labels: Record<string, string>
  Volumes: Record<string, object>
  ExposedPorts: Record<string, object>
  StopSignal?: string
  /** Docker's own; other runtimes have probes instead. Times in nanoseconds. */
  Healthcheck?: {
    Test: string[]
    Interval?: number
    Timeout?: number
    StartPeriod?: number
    Retries?: number
  }
}

/**
 * Reads the settings from the last stage of a Dockerfile. Commands must be JSON lists, as the image has no shell.
 *
 * @throws Error that names an instruction which it does not know.
 */
export function readImageSettings(dockerfile: string): ImageSettings {
  const settings: ImageSettings = { Env: [], Labels: {}, Volumes: {}, ExposedPorts: {} }
  const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM ') + 1)
  for (const line of lastStage.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [instruction = '', rest = ''] = splitOnce(line.trim(), ' ')
    take(settings, instruction, rest)
  }
  return settings
}

function take(settings: ImageSettings, instruction: string, rest: string): void {
  switch (instruction) {
    case 'FROM':
    case 'COPY':
      return
    case 'USER':
      settings.User = rest
      return
    case 'WORKDIR':
      settings.WorkingDir = rest
      return
    case 'STOPSIGNAL':
      settings.StopSignal = rest
      return
    case 'ENV':
      settings.Env.push(rest)
      return
    case 'LABEL': {
      const [name = '', value = ''] = splitOnce(rest, '=')
      settings.Labels[name] = JSON.parse(value) as string
      return
    }
    case 'VOLUME':
      for (const volume of listOf(rest)) settings.Volumes[volume] = {}
      return
    case 'EXPOSE':
      settings.ExposedPorts[`${rest}/tcp`] = {}
      return
    case 'ENTRYPOINT':
      settings.Entrypoint = listOf(rest)
      return
    case 'CMD':
      settings.Cmd = listOf(rest)
      return
    case 'HEALTHCHECK':
      settings.Healthcheck = healthcheckOf(rest)
      return
    default:
      throw new Error(`deploy/Dockerfile: scripts/image does not know ${instruction}`)
  }
}

function healthcheckOf(text: string): NonNullable<ImageSettings['Healthcheck']> {
  const [options = '', command = ''] = text.split(' CMD ')
  const seconds = (name: string): number =>
    Number(new RegExp(`--${name}=(\\d+)s`).exec(options)?.[1] ?? 0) * 1e9
  return {
    Test: ['CMD', ...listOf(command)],
    Interval: seconds('interval'),
    Timeout: seconds('timeout'),
    StartPeriod: seconds('start-period'),
    Retries: Number(/--retries=(\d+)/.exec(options)?.[1] ?? 3),
  }
}

function listOf(text: string): string[] {
  return JSON.parse(text) as string[]
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}
