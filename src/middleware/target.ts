/** The part of a request that names what is asked for: the tool, the resource, the prompt. */
import type { Request } from '../contracts/index.ts';

export function targetOf(request: Request): string {
  switch (request.kind) {
    case 'tool':
      return request.tool;
    case 'resource':
      return request.uri;
    case 'prompt':
      return request.name;
    case 'complete':
      return request.ref.kind === 'prompt' ? request.ref.name : request.ref.uri;
  }
}
