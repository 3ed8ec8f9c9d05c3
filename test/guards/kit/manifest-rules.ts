/** What package.json must keep to, whatever it contributes. */
import type { Contributions, Manifest } from './tree.ts';

const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

function rangeProblems(manifest: Manifest): readonly string[] {
  return Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter(([, range]) => !EXACT.test(range))
    .map(([name, range]) => `dependency ${name}@${range}: pin one exact version`);
}

function activationProblems(manifest: Manifest): readonly string[] {
  const early = (manifest.activationEvents ?? []).filter((event) => event === '*' || event === 'onStartupFinished');
  return [
    ...early.map((event) => `activation on ${event}: activate on a view or a command`),
    ...(manifest.enabledApiProposals === undefined
      ? []
      : ['a proposed API fails for everyone who installs the extension']),
  ];
}

function menuProblems(contributes: Contributions, commands: ReadonlySet<string>): readonly string[] {
  const submenus = new Set((contributes.submenus ?? []).map(({ id }) => id));
  return Object.entries(contributes.menus ?? {}).flatMap(([menu, items]) =>
    items.flatMap(({ command, submenu }) => [
      ...(command !== undefined && !commands.has(command) ? [`menu ${menu} names the unknown command ${command}`] : []),
      ...(submenu !== undefined && !submenus.has(submenu) ? [`menu ${menu} names the unknown submenu ${submenu}`] : []),
    ]),
  );
}

/** Welcome texts name views, and link to commands. */
function welcomeProblems(contributes: Contributions, commands: ReadonlySet<string>): readonly string[] {
  const views = new Set(Object.values(contributes.views ?? {}).flatMap((list) => list.map(({ id }) => id)));
  return (contributes.viewsWelcome ?? []).flatMap(({ view, contents }) => {
    const links = [...contents.matchAll(/\(command:(mcp-conductor\.[\w.-]+)/g)].map((match) => match[1] ?? '');
    return [
      ...(views.has(view) ? [] : [`a welcome text names the unknown view ${view}`]),
      ...links
        .filter((link) => !commands.has(link))
        .map((link) => `a welcome text links to the unknown command ${link}`),
    ];
  });
}

/** One line for each rule that is broken. */
export function problemsOfManifest(manifest: Manifest): readonly string[] {
  const contributes = manifest.contributes ?? {};
  const commands = new Set((contributes.commands ?? []).map(({ command }) => command));
  const untitled = (contributes.commands ?? []).filter(({ title }) => title.trim() === '');
  const keys = (contributes.keybindings ?? []).filter(({ command }) => !commands.has(command));
  return [
    ...rangeProblems(manifest),
    ...activationProblems(manifest),
    ...menuProblems(contributes, commands),
    ...welcomeProblems(contributes, commands),
    ...untitled.map(({ command }) => `command ${command} has no title`),
    ...keys.map(({ command }) => `a key binding names the unknown command ${command}`),
  ];
}
