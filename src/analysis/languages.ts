/** Which language a file is written in, by its name and, without a telling name, by its first line. */

const BY_EXTENSION: Readonly<Record<string, string>> = {
  js: 'javascript',
  cjs: 'javascript',
  mjs: 'javascript',
  jsx: 'jsx',
  ts: 'typescript',
  cts: 'typescript',
  mts: 'typescript',
  tsx: 'tsx',
  py: 'python',
  pyi: 'python',
  pyw: 'python',
  java: 'java',
  go: 'go',
  rs: 'rust',
  c: 'c',
  h: 'c',
  cc: 'cpp',
  cpp: 'cpp',
  cxx: 'cpp',
  hh: 'cpp',
  hpp: 'cpp',
  hxx: 'cpp',
  cs: 'csharp',
  rb: 'ruby',
  rake: 'ruby',
  gemspec: 'ruby',
  php: 'php',
  phtml: 'php',
  kt: 'kotlin',
  kts: 'kotlin',
  swift: 'swift',
  scala: 'scala',
  groovy: 'groovy',
  gradle: 'groovy',
  dart: 'dart',
  lua: 'lua',
  pl: 'perl',
  pm: 'perl',
  r: 'r',
  jl: 'julia',
  ex: 'elixir',
  exs: 'elixir',
  erl: 'erlang',
  hs: 'haskell',
  ml: 'ocaml',
  clj: 'clojure',
  m: 'objective-c',
  mm: 'objective-c',
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  ps1: 'powershell',
  bat: 'batch',
  cmd: 'batch',
  sql: 'sql',
  html: 'html',
  htm: 'html',
  vue: 'vue',
  svelte: 'svelte',
  ejs: 'ejs',
  hbs: 'handlebars',
  css: 'css',
  scss: 'scss',
  sass: 'sass',
  less: 'less',
  xml: 'xml',
  xsd: 'xml',
  svg: 'svg',
  json: 'json',
  jsonc: 'json',
  json5: 'json',
  yaml: 'yaml',
  yml: 'yaml',
  toml: 'toml',
  ini: 'ini',
  cfg: 'ini',
  conf: 'ini',
  properties: 'properties',
  env: 'dotenv',
  md: 'markdown',
  markdown: 'markdown',
  mdx: 'mdx',
  rst: 'restructuredtext',
  adoc: 'asciidoc',
  txt: 'text',
  tex: 'latex',
  proto: 'protobuf',
  graphql: 'graphql',
  gql: 'graphql',
  tf: 'terraform',
  hcl: 'terraform',
  cmake: 'cmake',
  ipynb: 'notebook',
};

const BY_NAME: Readonly<Record<string, string>> = {
  dockerfile: 'dockerfile',
  containerfile: 'dockerfile',
  makefile: 'makefile',
  gnumakefile: 'makefile',
  jenkinsfile: 'groovy',
  gemfile: 'ruby',
  rakefile: 'ruby',
  podfile: 'ruby',
  vagrantfile: 'ruby',
  'cmakelists.txt': 'cmake',
  '.bashrc': 'shell',
  '.profile': 'shell',
  '.gitignore': 'ignore',
  '.npmrc': 'ini',
  '.editorconfig': 'ini',
};

const BY_INTERPRETER: readonly (readonly [RegExp, string])[] = [
  [/^(?:node|nodejs|bun)$/, 'javascript'],
  [/^(?:deno|tsx|ts-node)$/, 'typescript'],
  [/^(?:python|pypy)[0-9.]*$/, 'python'],
  [/^(?:sh|bash|dash|zsh|ksh|ash)$/, 'shell'],
  [/^ruby[0-9.]*$/, 'ruby'],
  [/^perl[0-9.]*$/, 'perl'],
  [/^php[0-9.]*$/, 'php'],
  [/^lua[0-9.]*$/, 'lua'],
  [/^Rscript$/, 'r'],
];

/** Languages whose files are parsed and measured. */
export const PARSED_LANGUAGES = [
  'javascript',
  'jsx',
  'typescript',
  'tsx',
  'python',
  'java',
  'go',
  'c',
  'cpp',
  'rust',
  'csharp',
  'php',
  'ruby',
  'kotlin',
] as const;
export type ParsedLanguage = (typeof PARSED_LANGUAGES)[number];

export function isParsedLanguage(language: string | null): language is ParsedLanguage {
  return language !== null && (PARSED_LANGUAGES as readonly string[]).includes(language);
}

/** The language of a path by its name alone; null when the name does not tell. */
export function languageOfPath(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const named = lookUp(BY_NAME, name);
  if (named !== null) return named;
  if (name === '.env' || name.startsWith('.env.')) return 'dotenv';
  if (name.startsWith('dockerfile.')) return 'dockerfile';
  const dot = name.lastIndexOf('.');
  return dot < 0 ? null : lookUp(BY_EXTENSION, name.slice(dot + 1));
}

/** The language a `#!` line asks for; null without one. */
export function languageOfShebang(text: string): string | null {
  if (!text.startsWith('#!')) return null;
  const end = text.indexOf('\n');
  const words = text
    .slice(2, end < 0 ? 200 : Math.min(end, 200))
    .trim()
    .split(/\s+/);
  const first = baseName(words[0] ?? '');
  const command =
    first === 'env'
      ? baseName(words.slice(1).find((word) => !word.startsWith('-') && !word.includes('=')) ?? '')
      : first;
  return BY_INTERPRETER.find(([pattern]) => pattern.test(command))?.[1] ?? null;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function lookUp(table: Readonly<Record<string, string>>, key: string): string | null {
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}
