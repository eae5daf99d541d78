/** The default of Rasa, in seconds, which is as good as any for a start. */
const WAIT = 100

/** What makes a bot poll a tag, in its endpoints.yml. @param server The address of the server, with a slash at its end. */
export function endpointsOf(server: string, model: string, tag: string): string {
  return [
    'models:',
    `  url: ${server}models/${model}@${tag}`,
    `  wait_time_between_pulls: ${WAIT} # seconds, as Rasa has it by itself`,
    '  params:',
    '    instance: ${HOSTNAME} # its name here; first: export HOSTNAME, or Rasa stops',
  ].join('\n')
}

/** What publishes an archive from a terminal or from CI, and promotes it. */
export function pushOf(server: string, model: string, tag: string): string {
  return [
    `export SLIPWAY_URL=${server.replace(/\/$/, '')}`,
    `slipway push models/ARCHIVE.tar.gz --model ${model} --tag ${tag}`,
  ].join('\n')
}

/** The same with nothing but curl. */
export function curlPushOf(server: string, model: string, tag: string): string {
  const address = `${server}models/${model}?tag=${tag}`
  return [
    'curl --fail-with-body -H "Authorization: Bearer $SLIPWAY_TOKEN" \\',
    '  --data-binary @models/ARCHIVE.tar.gz \\',
    `  "${address}"`,
  ].join('\n')
}
