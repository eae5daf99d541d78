import { apache } from './apache.ts'
import { caddy } from './caddy.ts'
import { envoy } from './envoy.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'
import type { Proxy } from './proxy.ts'
import { squid } from './squid.ts'

/** Every proxy that the doctor is shown behind. */
export const ALL_PROXIES: readonly Proxy[] = [nginx, apache, haproxy, caddy, squid, envoy]
