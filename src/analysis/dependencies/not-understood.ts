/** Manifests and lockfiles that are known by name only: what they declare is missing from the dependencies. */
import { isDependencyFile, lockfileReader } from './manifest-files.ts';

/** Every manifest there is a name for, readable or not, with the lockfile that says the same and more. */
const KNOWN: readonly (readonly [name: RegExp, lockfile?: string])[] = [
  [/^(?:package|bower|deno|jsr|elm|vcpkg|dub|composer)\.jsonc?$/],
  [/^(?:npm-shrinkwrap\.json|package-lock\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock)$/],
  [/^(?:pyproject\.toml|Pipfile|setup\.(?:cfg|py)|environment\.ya?ml|conda-lock\.yml|pixi\.(?:toml|lock))$/],
  [/^(?:poetry|pdm|uv|Pipfile)\.lock$/],
  [/^(?:go\.mod|go\.work|Gopkg\.(?:toml|lock)|glide\.(?:yaml|lock))$/],
  [/^Cargo\.(?:toml|lock)$/],
  [/^(?:pom\.xml|ivy\.xml|build\.sbt|project\.clj|deps\.edn|[\w.-]+\.versions\.toml)$/],
  [/^build\.gradle(?:\.kts)?$/, 'gradle.lockfile'],
  [/^(?:Gemfile|gems\.rb|Gemfile\.lock|gems\.locked)$/],
  [/^[\w.-]+\.gemspec$/, 'Gemfile.lock'],
  [
    /^(?:composer\.lock|packages\.config|packages\.lock\.json|paket\.(?:dependencies|lock)|Directory\.Packages\.props)$/,
  ],
  [/^[\w.-]+\.(?:cs|fs|vb)proj$/],
  [/^Package\.swift$/, 'Package.resolved'],
  [/^(?:Package\.resolved|Cartfile(?:\.resolved)?|Podfile\.lock)$/],
  [/^(?:Podfile|[\w.-]+\.podspec)$/, 'Podfile.lock'],
  [/^pubspec\.(?:yaml|lock)$/, 'pubspec.lock'],
  [/^mix\.(?:exs|lock)$/, 'mix.lock'],
  [/^rebar\.(?:config|lock)$/],
  [/^(?:DESCRIPTION|renv\.lock)$/, 'renv.lock'],
  [/^conanfile\.(?:txt|py)$/, 'conan.lock'],
  [/^(?:stack\.yaml(?:\.lock)?|cabal\.project\.freeze)$/],
  [/^[\w.-]+\.cabal$/, 'cabal.project.freeze'],
  [/^(?:Project|Manifest)\.toml$/, 'Manifest.toml'],
  [/^(?:cpanfile(?:\.snapshot)?|shard\.(?:yml|lock)|MODULE\.bazel|flake\.(?:nix|lock)|Chart\.(?:yaml|lock))$/],
];

/** Paths that are listed; a repository of thousands of modules says nothing new with the rest. */
const MAX_LISTED = 200;

/** Which of the files of a repository declare dependencies that no reader understands, in the order of `paths`. */
export function notUnderstood(paths: readonly string[]): readonly string[] {
  const all = new Set(paths);
  return paths.filter((path) => !isDependencyFile(path) && isOpen(path, all)).slice(0, MAX_LISTED);
}

/** Known, and not settled by a lockfile beside it that is read. */
function isOpen(path: string, all: ReadonlySet<string>): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const known = KNOWN.find(([pattern]) => pattern.test(name));
  if (known === undefined) return false;
  const beside = known[1] === undefined ? undefined : path.slice(0, path.length - name.length) + known[1];
  return beside === undefined || !all.has(beside) || lockfileReader(beside) === undefined;
}
