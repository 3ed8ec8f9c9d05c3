/** What of the host's environment a server may see: what programs need to run, and nothing that is somebody's secret. */
import type { HostEnvironment } from '../contracts/server.ts';

/** Everything a server process inherits unless its definition says otherwise. Compared without regard to case on Windows. */
const INHERITED = [
  // where programs and their files are
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TEMP',
  'TMP',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_RUNTIME_DIR',
  // language and time
  'LANG',
  'LANGUAGE',
  'LC_ALL',
  'LC_CTYPE',
  'LC_MESSAGES',
  'TZ',
  'TERM',
  // proxies and certificate authorities
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'NODE_USE_ENV_PROXY',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  // without these no Windows program starts
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'COMMONPROGRAMFILES',
  'COMSPEC',
  'PATHEXT',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'WINDIR',
  'USERPROFILE',
  'USERNAME',
  'HOMEDRIVE',
  'HOMEPATH',
  'NUMBER_OF_PROCESSORS',
  'PROCESSOR_ARCHITECTURE',
] as const;

/** What credentials in the environment begin with. */
const CREDENTIALS = 'MCP_CONDUCTOR_SECRET_';

/**
 * @param env the host's whole environment
 * @param further names that the person adds to what is inherited
 * @param platform decides whether names are compared with case
 */
export function hostEnvironment(
  env: NodeJS.ProcessEnv,
  further: readonly string[] = [],
  platform: NodeJS.Platform = process.platform,
): HostEnvironment {
  const fold = platform === 'win32' ? (name: string) => name.toUpperCase() : (name: string) => name;
  const allowed = new Set([...INHERITED, ...further].map(fold));
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    // A function exported by bash arrives as a variable whose value is code.
    if (value === undefined || !allowed.has(fold(name)) || value.startsWith('()')) continue;
    // Our own credentials reach the one server that names them, never whoever happens to be a child.
    if (!fold(name).startsWith(CREDENTIALS)) inherited[name] = value;
  }
  return { inherited, lookup: (name) => (fold(name).startsWith(CREDENTIALS) ? undefined : env[name]) };
}
