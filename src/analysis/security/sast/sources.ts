/** Where a stranger's text enters a program, and what makes it harmless again. */
import type { CodeLanguage } from './program.ts';

/** Paths of values that come with a request; whatever hangs below them does too. */
export const REQUEST_SOURCES: Readonly<Record<CodeLanguage, RegExp>> = {
  javascript:
    /^(req|request|ctx|context|ctx\.request|ctx\.req|event|this\.request|this\.req|c\.req)\.(query|params|body|headers|cookies|param|rawBody|queryStringParameters|pathParameters|multiValueQueryStringParameters|originalUrl|url|files|get|header)\b|^(window\.|document\.)?(location\.(search|hash|href)|URL$|referrer$|documentURI)|^document\.(location|cookie|referrer|URL)\b|^window\.name$/,
  python:
    /^(flask\.)?(self\.)?(request|req)\.(args|form|values|json|cookies|headers|data|files|query_params|query|GET|POST|COOKIES|META|FILES|body|query_string|path_params|match_info|rel_url|get_json|get_data|params|get_argument)\b|[rR]equest\w*\(\)\.\w*(param|query|cookie|header|form|body)\w*\(\)$|^self\.(get_argument|get_query_argument|get_body_argument)|^bottle\.request\b/,
  go: /^(r|req|request|\w*[rR]eq(uest)?)\.(FormValue|PostFormValue|PathValue|URL(\.(Query|Path|RawQuery|String))?|Header|Form|PostForm|MultipartForm|Body|Cookie|Cookies|Referer|UserAgent|Host|RequestURI)\b|^(http\.)?Request\.(FormValue|PostFormValue|PathValue|URL)\b|^(c|ctx|context)\.(Query|Param|Params|PostForm|DefaultQuery|DefaultPostForm|GetHeader|FormValue|QueryParam|QueryParams|Cookie|GetRawData|QueryArray|PathParam|Get)\(\)|^mux\.Vars\b|^chi\.URLParam\(\)/,
  php: /^_(GET|POST|REQUEST|COOKIE|FILES)\b|^(this\.)?(request|req)\.(input|get|query|post|all|cookie|header|file|request|getParam|getQueryParams|getParsedBody|getVar|getPost|getGet|only)\b|^Input\.(get|post|all)\b|^Request\.(input|get|query|post|all)\b/,
  ruby: /^params\b|^cookies\b|^request\.(params|headers|body|query_string|path|url|GET|POST|env|referer|user_agent|fullpath|query_parameters|request_parameters)\b/,
  csharp:
    /^(this\.|HttpContext\.|context\.|httpContext\.|HttpContext\.Current\.)?[rR]eq(uest)?(\.(Query|Form|Headers|Cookies|QueryString|Params|Body|Path|RawUrl|RouteValues|Url|UserAgent|UrlReferrer|InputStream|Files)\b|$)|^RouteData\.Values\b/,
  // Many objects have parameters and headers: the receiver must be a request by name or by declared type.
  java: /(^|\.|\w)([rR]eq|[rR]equest|getRequest\(\))\.(getParameter|getParameterValues|getParameterMap|getHeader|getHeaders|getQueryString|getCookies|getRequestURI|getRequestURL|getPathInfo|getInputStream|getReader|getPart|getBody)\(\)|[rR]equest(\(\))?\.(get\w*(Parameter|Cookie|Header|Query|Body|PathInfo)\w*)\(\)$|\.getOriginalFilename\(\)$/,
};

/** A file without any of these words has no request in it. */
export const REQUEST_WORDS: Readonly<Record<CodeLanguage, RegExp>> = {
  javascript:
    /\b(req|request|ctx|context|event|location|document|URL|body|query|params|headers|cookies)\b|window\.name/,
  go: /\b(http|gin|echo|fiber|mux|chi)\b/,
  php: /\$_(GET|POST|REQUEST|COOKIE|FILES|SERVER)|[rR]equest|Input::/,
  ruby: /\b(params|cookies|request)\b/,
  csharp: /[rR]equest|From(Query|Body|Form|Route|Header)|ActionResult|IResult|\[Http|RouteData/,
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
    'intval floatval strconv.Atoi strconv.ParseInt strconv.ParseBool strconv.ParseFloat Integer Float int.Parse Int32.Parse Convert.ToInt32 Guid.Parse long.Parse is_numeric count strlen time md5 sha1 ' +
    'crypto.randomUUID uuid.v4 uuidv4 System.currentTimeMillis System.nanoTime process.pid os.getpid'
  ).split(' '),
);

/** Methods and properties whose result is a number or a truth value. */
export const HARMLESS_PROPERTIES: ReadonlySet<string> = new Set(
  'length size indexOf lastIndexOf includes startsWith endsWith startswith endswith isdigit isEmpty equals hashCode intValue longValue getTime toISOString isoformat count to_i to_f Length Count Contains StartsWith any? empty? present?'.split(
    ' ',
  ),
);

/** Methods that give back what they are called on, changed or not. */
export const PRESERVING_METHODS: ReadonlySet<string> = new Set(
  (
    'toString trim toLowerCase toUpperCase substring substr slice replace replaceAll concat padStart padEnd repeat normalize trimStart trimEnd at valueOf ' +
    'Replace Trim ToLower ToUpper Substring ToString downcase upcase chomp gsub sub to_s html_safe ' +
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
  ...'fmt.Sprintf fmt.Sprint strings.Join strings.TrimSpace strings.ToLower filepath.Join path.Join'.split(' '),
  ...'sprintf implode trim strtolower strtoupper urldecode rawurldecode base64_decode stripslashes str_replace'.split(
    ' ',
  ),
  ...'string.Format String.Format string.Concat String.Concat string.Join Path.Combine File.join'.split(' '),
  ...['String', 'StringBuilder', 'StringBuffer', 'Buffer', 'File'].map((name) => `new ${name}`),
]);

/** Types that cannot carry text. */
export const HARMLESS_TYPES =
  /^(int|long|short|byte|float|double|boolean|bool|char|Integer|Long|Short|Double|Float|Boolean|UUID|BigInteger|BigDecimal|LocalDate|Instant|number|bigint|Date|datetime|Decimal|uuid\.UUID|Enum)$/;
