/** The settings that a window under test starts with: quiet, offline, the same every time. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EditionName } from './editions.ts';

export type Theme = 'light' | 'dark' | 'high-contrast' | 'high-contrast-light';

/** What the theme picker calls a theme, and the class that the window then carries. */
export const themes: Readonly<Record<Theme, { readonly label: string; readonly cssClass: string }>> = {
  light: { label: 'Light Modern', cssClass: 'vs' },
  dark: { label: 'Dark Modern', cssClass: 'vs-dark' },
  'high-contrast': { label: 'Dark High Contrast', cssClass: 'hc-black' },
  'high-contrast-light': { label: 'Light High Contrast', cssClass: 'hc-light' },
};

/** An outdated name in the settings file makes VS Code rewrite the file while a test begins: so each its own. */
const themeNames: Readonly<Record<EditionName, Readonly<Record<Theme, string>>>> = {
  '1.139': {
    light: 'Light Modern',
    dark: 'Dark Modern',
    'high-contrast': 'Default High Contrast',
    'high-contrast-light': 'Default High Contrast Light',
  },
  '1.106': {
    light: 'Default Light Modern',
    dark: 'Default Dark Modern',
    'high-contrast': 'Default High Contrast',
    'high-contrast-light': 'Default High Contrast Light',
  },
};

export function themeSettings(edition: EditionName, theme: Theme): Settings {
  return { 'workbench.colorTheme': themeNames[edition][theme] };
}

export type Settings = Readonly<Record<string, unknown>>;

const quiet: Settings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.enableExperiments': false,
  'workbench.reduceMotion': 'on',
  'window.autoDetectColorScheme': false,
  'window.autoDetectHighContrast': false,
};

/** The user's settings of a server's data folder. Read when a window opens: an open one does not look again. */
export async function writeSettings(userDataDir: string, settings: Settings): Promise<void> {
  await mkdir(join(userDataDir, 'User'), { recursive: true });
  await writeFile(join(userDataDir, 'User', 'settings.json'), JSON.stringify({ ...quiet, ...settings }, undefined, 2));
}
