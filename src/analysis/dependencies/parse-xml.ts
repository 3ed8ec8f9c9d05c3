/** XML of manifests as a tree of elements: namespaces dropped, no entities of its own, malformed text refused. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { messageOf } from '../../base/errors.ts';
import { ManifestError } from './declared.ts';

/** An element name as XML allows it; `<${Id}.version>` is none. */
const NAME = /^[\p{L}_:][\p{L}\p{N}._:\u00B7-]*$/u;
const ATTRIBUTES = ':@';
const TEXT = '#text';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, trimmed. */
  readonly text: string;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  trimValues: true,
});

/**
 * The root element.
 * @throws ManifestError when it is not well-formed, saying at which line.
 */
export function readXml(text: string): XmlElement {
  try {
    const checked = XMLValidator.validate(text);
    if (checked !== true)
      throw new ManifestError(`not valid XML: ${brief(checked.err.msg)} at line ${checked.err.line}`);
    const [root] = elementsOf(parser.parse(text));
    if (root === undefined) throw new ManifestError('not valid XML: there is no element');
    return root;
  } catch (error) {
    if (error instanceof ManifestError) throw error;
    throw new ManifestError(`not valid XML: ${brief(messageOf(error))}`);
  }
}

function brief(message: string): string {
  const line = message.replace(/\s+/g, ' ').replace(/\.$/, '');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

/** Children with this name, in their order. */
function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The elements at the end of a path such as `dependencies`, `dependency`. */
export function elementsAt(element: XmlElement | undefined, ...path: readonly string[]): readonly XmlElement[] {
  let found: readonly XmlElement[] = element === undefined ? [] : [element];
  for (const name of path) found = found.flatMap((one) => childrenOf(one, name));
  return found;
}

/** Text of the first child with this name; empty when there is none. */
export function childText(element: XmlElement | undefined, name: string): string {
  return childrenOf(element, name)[0]?.text ?? '';
}

function elementsOf(nodes: unknown): readonly XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: Readonly<Record<string, unknown>>): readonly XmlElement[] => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT);
    return name === undefined ? [] : [elementOf(name, node)];
  });
}

function elementOf(name: string, node: Readonly<Record<string, unknown>>): XmlElement {
  if (!NAME.test(name)) throw new ManifestError(`not valid XML: <${name.slice(0, 40)}> is not a name of an element`);
  const inside = node[name];
  const texts = Array.isArray(inside) ? inside.map((child: Record<string, unknown>) => child[TEXT] ?? '') : [];
  return {
    name,
    attributes: (node[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>,
    children: elementsOf(inside),
    text: texts.join('').trim(),
  };
}
