/** Where a stranger's text enters a program, and what makes it harmless again. */
import type { CodeLanguage } from './program.ts';

/** Paths of values that come with a request; whatever hangs below them does too. */
export const REQUEST_SOURCES: Readonly<Record<CodeLanguage, RegExp>> = {
  javascript:
    /^(req|request|ctx|context|ctx\.request|ctx\.req|event|this\.request|this\.req|c\.req)\.(query|params|body|headers|cookies|param|rawBody|queryStringParameters|pathParameters|multiValueQueryStringParameters|originalUrl|url|files|get|header)\b|^(window\.|document\.)?(location\.(search|hash|href)|URL$|referrer$|documentURI)|^document\.(location|cookie|referrer|URL)\b|^window\.name$/,
  python:
    /^(flask\.)?(self\.)?(request|req)\.(args|form|values|json|cookies|headers|data|files|query_params|query|GET|POST|COOKIES|META|FILES|body|query_string|path_params|match_info|rel_url|get_json|get_data|params|get_argument)\b|[rR]equest\w*\(\)\.\w*(param|query|cookie|header|form|body)\w*\(\)$|^self\.(get_argument|get_query_argument|get_body_argument)|^bottle\.request\b/,
  // Many objects have parameters and headers: the receiver must be a request by name or by declared type.
  java: /(^|\.|\w)([rR]eq|[rR]equest|getRequest\(\))\.(getParameter|getParameterValues|getParameterMap|getHeader|getHeaders|getQueryString|getCookies|getRequestURI|getRequestURL|getPathInfo|getInputStream|getReader|getPart|getBody)\(\)|[rR]equest(\(\))?\.(get\w*(Parameter|Cookie|Header|Query|Body|PathInfo)\w*)\(\)$|\.getOriginalFilename\(\)$/,
};

/** A file without any of these words has no request in it. */
export const REQUEST_WORDS: Readonly<Record<CodeLanguage, RegExp>> = {
  javascript:
    /\b(req|request|ctx|context|event|location|document|URL|body|query|params|headers|cookies)\b|window\.name/,
  python:
    /[rR]equest|\breq\b|get_\w*argument|@[\w.]+\.(route|get|post|put|delete|patch|websocket)\b|api_view|view_config/,
  java: /[rR]eq(uest)?\b|[rR]equest|@(RequestParam|PathVariable|QueryParam|PathParam|FormParam|HeaderParam|CookieValue)|getOriginalFilename/,
};

/** Calls whose result is a number, a truth value or otherwise nothing that can carry an attack. */
export const HARMLESS_CALLS: ReadonlySet<string> = new Set(
  (
    'parseInt parseFloat Number Number.parseInt Number.parseFloat Boolean BigInt isNaN Date.now Math.floor Math.round Math.random performance.now ' +
    'int float bool len ord round abs sum hash id time.time uuid.uuid4 datetime.now datetime.datetime.now datetime.utcnow ' +
    'Integer.parseInt Integer.valueOf Long.parseLong Long.valueOf Double.parseDouble Boolean.parseBoolean Boolean.valueOf UUID.fromString UUID.randomUUID ' +
    'crypto.randomUUID uuid.v4 uuidv4 System.currentTimeMillis System.nanoTime process.pid os.getpid'
  ).split(' '),
);

/** Methods and properties whose result is a number or a truth value. */
export const HARMLESS_PROPERTIES: ReadonlySet<string> = new Set(
  'length size indexOf lastIndexOf includes startsWith endsWith startswith endswith isdigit isEmpty equals hashCode intValue longValue getTime toISOString isoformat count'.split(
    ' ',
  ),
);

/** Methods that give back what they are called on, changed or not. */
export const PRESERVING_METHODS: ReadonlySet<string> = new Set(
  (
    'toString trim toLowerCase toUpperCase substring substr slice replace replaceAll concat padStart padEnd repeat normalize trimStart trimEnd at valueOf ' +
    'strip lstrip rstrip lower upper title encode decode replace zfill expandtabs splitlines dedent strip_margin intern strip ' +
    'stripIndent getBytes toCharArray append insert reverse join split format as_string flat filter concat sort with_suffix'
  ).split(' '),
);

/** Functions that give back their first argument as text. */
export const PRESERVING_CALLS: ReadonlySet<string> = new Set([
  ...'String str bytes unicode textwrap.dedent dedent String.valueOf Buffer.from util.format format sqlalchemy.text text repr list tuple'.split(
    ' ',
  ),
  ...'Paths.get Path.of path.join path.resolve os.path.join pathlib.Path Path pathlib.PurePath'.split(' '),
  ...'base64.b64encode base64.b64decode base64.urlsafe_b64encode base64.urlsafe_b64decode base64.standard_b64decode'.split(
    ' ',
  ),
  ...'codecs.encode codecs.decode urllib.parse.unquote urllib.parse.unquote_plus json.dumps JSON.stringify atob btoa'.split(
    ' ',
  ),
  ...['String', 'StringBuilder', 'StringBuffer', 'Buffer', 'File'].map((name) => `new ${name}`),
]);

/** Types that cannot carry text. */
export const HARMLESS_TYPES =
  /^(int|long|short|byte|float|double|boolean|bool|char|Integer|Long|Short|Double|Float|Boolean|UUID|BigInteger|BigDecimal|LocalDate|Instant|number|bigint|Date|datetime|Decimal|uuid\.UUID|Enum)$/;
