/** Names that are one slip away from a much-used package, as those of malicious packages are. */
import type { Ecosystem } from './declared.ts';

/**
 * Much-used packages, and other well-known ones that are near them: a name that is listed is never a slip.
 * Short on purpose: what is imitated is what many people type.
 */
const POPULAR: Readonly<Partial<Record<Ecosystem, string>>> = {
  npm: `
    lodash chalk request requests commander express react preact react-dom debug async axios bluebird moment underscore
    uuid classnames prop-types webpack typescript eslint prettier jquery vue angular svelte next nuxt redux rxjs zod
    yargs inquirer glob minimist semver mkdirp rimraf colors color dotenv body-parser cookie-parser cors morgan helmet
    mongoose mongodb mysql mysql2 redis ioredis sequelize passport jsonwebtoken bcrypt bcryptjs nodemailer socket.io
    cross-env cross-spawn node-fetch superagent cheerio puppeteer playwright jest mocha chai sinon vitest babel-core
    babel-cli babel-loader css-loader style-loader file-loader ts-loader ts-node nodemon concurrently electron ethers
    web3 discord.js fastify koa hapi ember-cli handlebars mustache ejs marked markdown-it highlight.js validator joi ajv
    immutable immer ramda date-fns dayjs tailwindcss postcss autoprefixer sass node-sass less stylus esbuild rollup vite
    parcel gulp grunt husky lint-staged fs-extra graceful-fs event-stream through2 readable-stream iconv-lite safe-buffer
    string-width strip-ansi ansi-styles supports-color escape-string-regexp is-number is-promise left-pad nanoid
    form-data follow-redirects http-proxy serve-static vuex pinia three jest-cli mongo sqlite3 sharp winston pino bunyan`,
  PyPI: `
    requests request urllib3 numpy scipy pandas matplotlib django flask fastapi sqlalchemy boto3 botocore setuptools pip
    wheel six python-dateutil pyyaml certifi idna chardet charset-normalizer cryptography pycryptodome jinja2 markupsafe
    click colorama packaging attrs pytest tox nox mypy black flake8 pylint isort ruff pydantic starlette uvicorn gunicorn
    celery redis pymongo psycopg2 psycopg2-binary psycopg mysqlclient pymysql beautifulsoup4 lxml html5lib scrapy
    selenium playwright pillow opencv-python scikit-learn tensorflow torch torchvision transformers keras xgboost
    lightgbm seaborn plotly bokeh ipython jupyter notebook tqdm rich typer httpx aiohttp websockets paramiko fabric
    ansible docker kubernetes google-api-python-client google-auth protobuf grpcio tabulate termcolor virtualenv poetry
    pipenv docutils sphinx mkdocs markdown pygments simplejson ujson orjson msgpack toml tomli python-dotenv
    discord.py telethon web3 openai langchain nltk spacy gensim networkx sympy statsmodels dask pyarrow jsonschema
    marshmallow alembic werkzeug itsdangerous bleach feedparser pytz tzdata cffi pycparser pyjwt oauthlib passlib bcrypt`,
  'crates.io': `
    serde serde_json serde_derive rand log libc lazy_static regex syn quote proc-macro2 clap tokio futures hyper reqwest
    anyhow thiserror chrono time itertools bitflags memchr num-traits once_cell parking_lot crossbeam rayon bytes uuid
    url base64 env_logger tracing async-trait actix-web axum tower rustls openssl ring sha2 diesel sqlx toml`,
  RubyGems: `
    rails rake rack bundler nokogiri activesupport activerecord actionpack devise puma unicorn sidekiq rspec minitest
    faker capybara rubocop sinatra thor json i18n tzinfo mysql2 sqlite3 redis bootsnap pry byebug jekyll faraday
    httparty rest-client concurrent-ruby aws-sdk sass-rails jquery-rails bootstrap strong_password simple_form`,
  Packagist: `
    symfony/console symfony/http-foundation laravel/framework guzzlehttp/guzzle monolog/monolog phpunit/phpunit
    doctrine/orm doctrine/dbal twig/twig psr/log nesbot/carbon league/flysystem ramsey/uuid vlucas/phpdotenv`,
  NuGet: `
    newtonsoft.json serilog nunit xunit moq automapper dapper log4net nlog polly restsharp entityframework mediatr
    fluentvalidation fluentassertions castle.core stackexchange.redis swashbuckle.aspnetcore`,
};

/** Shorter names are near too many others. */
const SHORTEST = 5;

/** As they are compared, to how they are written. */
const LISTS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(POPULAR).map(([ecosystem, names]) => [
    ecosystem,
    new Map(
      names
        .trim()
        .split(/\s+/)
        .map((name) => [compared(ecosystem as Ecosystem, name), name]),
    ),
  ]),
);

/** The popular package that a name could be a slip for. */
export function lookalikeOf(ecosystem: Ecosystem, name: string): string | undefined {
  const popular = LISTS.get(ecosystem);
  const plain = compared(ecosystem, name);
  if (popular === undefined || plain.length < SHORTEST || plain.startsWith('@') || popular.has(plain)) return undefined;
  const bare = withoutJoints(plain);
  for (const [one, written] of popular) {
    if (one.length >= SHORTEST && (withoutJoints(one) === bare || isOneSlip(one, plain))) return written;
  }
  return undefined;
}

/** PyPI and crates.io hold joints for equal: `python_dateutil` is `python-dateutil`. */
function compared(ecosystem: Ecosystem, name: string): string {
  const plain = name.toLowerCase();
  return ecosystem === 'PyPI' || ecosystem === 'crates.io' ? plain.replace(/[-_.]+/g, '-') : plain;
}

function withoutJoints(name: string): string {
  return name.replace(/[-_.]/g, '');
}

/** One letter more, less, other, or two neighbours exchanged; a digit more or less is a name of its own (`psycopg2`). */
function isOneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (/\d/.test(left + right)) return false;
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
