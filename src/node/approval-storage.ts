/**
 * Questions to people, their answers, and what was granted: a file each, shared by all windows and commands of a user.
 *
 * A question is `ID.json` and its answer `ID.answer.json`, which one of all who decide can create. Whoever removes the
 * file of a question or a grant has used it, and nobody else can. A file that cannot be read counts as not there: it
 * grants nothing.
 */
import { mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { messageOf } from '../base/errors.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { ApprovalDecision, ApprovalRecord, ApprovalStorage, Grant, GrantStorage } from '../contracts/index.ts';
import { emptyWhenMissing } from './audit-heads.ts';
import { isSystemError } from './process-group.ts';
import { createWholeFile } from './whole-file.ts';

export interface FileApprovalOptions {
  /** Absolute path; made when the first question comes. */
  readonly directory: string;
  /** Told once of each file that cannot be read. */
  readonly onProblem: (message: string) => void;
}

export interface FileGrantOptions {
  /** Absolute path, for what was granted in one workspace. */
  readonly workspace: string;
  /** Absolute path, for what was granted for good. */
  readonly user: string;
  readonly onProblem: (message: string) => void;
}

const SCOPES: readonly unknown[] = ['once', 'run', 'workspace', 'always'];
const REACHES: readonly unknown[] = ['tool', 'server'];
const PRINCIPALS: readonly unknown[] = ['person', 'pipeline', 'agent', 'automation'];

export function createFileApprovalStorage({ directory, onProblem }: FileApprovalOptions): ApprovalStorage {
  const questions = new RecordFiles(directory, '.json', isQuestion, onProblem);
  const answers = new RecordFiles(directory, '.answer.json', isAnswer, onProblem);
  return {
    async load() {
      // Answers first: one that comes in between is taken for no answer yet, and not for one without a question.
      const answered = new Map((await answers.load()).map(({ id, ...decision }) => [id, decision]));
      const asked = await questions.load();
      const ids = new Set(asked.map(({ id }) => id));
      for (const id of answered.keys()) if (!ids.has(id)) await answers.remove(id);
      return asked.map((record) => {
        const decision = answered.get(record.id);
        return decision === undefined ? record : { ...record, decision };
      });
    },
    save: ({ decision: _, ...question }) => questions.save(question),
    async decide(id, decision) {
      if (!(await questions.has(id)) || !(await answers.create({ id, ...decision }))) return false;
      if (await questions.has(id)) return true;
      await answers.remove(id);
      return false;
    },
    async remove(id) {
      const isOurs = await questions.remove(id);
      if (isOurs) await answers.remove(id);
      return isOurs;
    },
  };
}

export function createFileGrantStorage({ workspace, user, onProblem }: FileGrantOptions): GrantStorage {
  const here = new RecordFiles(workspace, '.json', isGrant, onProblem);
  const everywhere = new RecordFiles(user, '.json', isGrant, onProblem);
  return {
    load: async () => [...(await here.load()), ...(await everywhere.load())],
    save: (grant) => (grant.scope === 'always' ? everywhere : here).save(grant),
    remove: async (id) => (await here.remove(id)) || (await everywhere.remove(id)),
  };
}

const ID = /^[A-Za-z0-9-]{1,80}$/;

/** One file for each record in a folder, named by its id. */
class RecordFiles<T extends { readonly id: string }> {
  readonly #directory: string;
  readonly #ending: string;
  readonly #isRecord: (value: JsonObject) => boolean;
  readonly #onProblem: (message: string) => void;
  readonly #told = new Set<string>();

  constructor(
    directory: string,
    ending: string,
    isRecord: (value: JsonObject) => value is JsonObject & T,
    onProblem: (message: string) => void,
  ) {
    this.#directory = directory;
    this.#ending = ending;
    this.#isRecord = isRecord;
    this.#onProblem = onProblem;
  }

  async load(): Promise<readonly T[]> {
    const names = await readdir(this.#directory).catch(emptyWhenMissing);
    const ids = names.filter((name) => name.endsWith(this.#ending)).map((name) => name.slice(0, -this.#ending.length));
    const read = await Promise.all(ids.filter((id) => ID.test(id)).map((id) => this.#read(id)));
    return read.filter((record) => record !== undefined);
  }

  async save(record: T): Promise<void> {
    await this.#makeFolder();
    await writeFileAtomic(this.#fileOf(record.id), JSON.stringify(record), { mode: 0o600 });
  }

  /** False when there is one already. */
  async create(record: T): Promise<boolean> {
    await this.#makeFolder();
    return createWholeFile(this.#fileOf(record.id), JSON.stringify(record));
  }

  async has(id: string): Promise<boolean> {
    return (await this.#read(id)) !== undefined;
  }

  /** True for exactly one of all who remove it. */
  async remove(id: string): Promise<boolean> {
    try {
      await unlink(this.#fileOf(id));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async #read(id: string): Promise<T | undefined> {
    const file = this.#fileOf(id);
    try {
      const value: unknown = JSON.parse(await readFile(file, 'utf8'));
      // The name decides: a file that calls itself otherwise would be used up under one name and stay under the other.
      if (isJsonObject(value) && value.id === id && this.#isRecord(value)) return value as unknown as T;
      throw new Error('it is not what was written');
    } catch (error) {
      if (!isMissing(error)) this.#tell(file, error);
      return undefined;
    }
  }

  #tell(file: string, error: unknown): void {
    if (this.#told.has(file)) return;
    this.#told.add(file);
    this.#onProblem(`${file} cannot be read and counts for nothing: ${messageOf(error)}`);
  }

  #makeFolder(): Promise<unknown> {
    return mkdir(this.#directory, { recursive: true, mode: 0o700 });
  }

  #fileOf(id: string): string {
    if (!ID.test(id)) throw new Error(`"${id}" is no id`);
    return join(this.#directory, `${id}${this.#ending}`);
  }
}

function isMissing(error: unknown): boolean {
  return isSystemError(error) && error.code === 'ENOENT';
}

function hasTexts(value: JsonObject, ...names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === 'string');
}

function isPrincipal(value: unknown): boolean {
  return isJsonObject(value) && PRINCIPALS.includes(value.kind) && typeof value.id === 'string';
}

function isQuestion(value: JsonObject): value is JsonObject & ApprovalRecord {
  const { request } = value;
  if (!isJsonObject(request) || typeof value.submittedAt !== 'number' || typeof request.deadline !== 'number')
    return false;
  const texts = [
    'operation',
    'summary',
    'server',
    'tool',
    'argumentsDigest',
    'serverIdentity',
    'definitionHash',
    'risk',
  ];
  const lists = [request.reasons, request.affectedSystems];
  return (
    hasTexts(request, ...texts) &&
    lists.every((list) => Array.isArray(list)) &&
    isPreview(request.preview) &&
    isPrincipal(request.requestor)
  );
}

function isPreview(value: unknown): boolean {
  return isJsonObject(value) && typeof value.text === 'string' && Array.isArray(value.changes);
}

function isAnswer(value: JsonObject): value is JsonObject & ApprovalDecision & { readonly id: string } {
  const isVerdict = typeof value.approved === 'boolean' && typeof value.at === 'number';
  return isVerdict && SCOPES.includes(value.scope) && REACHES.includes(value.reach) && hasTexts(value, 'by');
}

function isGrant(value: JsonObject): value is JsonObject & Grant {
  const { scope, reach, at, definitions, expiresAt } = value;
  return (
    hasTexts(value, 'server', 'tool', 'serverIdentity', 'by') &&
    SCOPES.includes(scope) &&
    REACHES.includes(reach) &&
    typeof at === 'number' &&
    (expiresAt === undefined || typeof expiresAt === 'number') &&
    isJsonObject(definitions) &&
    isPrincipal(value.principal)
  );
}
