/** Places for monitors: every name in the corpus files that an analysis server could tell, found by the grammar. */
import { parseText } from '../../../syntax/parsed-text.js';
import type { Node } from '../../../syntax/grammar-runtime.js';
import type { NamesKind } from '../../../language-server/monitors/questions.js';
import { grammarOf } from '../../support/grammars.js';
import type { CorpusFile } from '../corpus.js';
import { integerBelow, randomFor, shuffled, type Random } from '../random.js';

/** What is asked for at a place: the kind of question, or the arguments of a call. */
export type PlaceKind = Exclude<NamesKind, 'json-keys' | 'json-values'> | 'signatures';

export interface MonitorPlace {
  readonly id: string;
  readonly kind: PlaceKind;
  readonly file: CorpusFile;
  /** Up to the cursor. */
  readonly before: string;
  /** From the next line on: the rest of the cursor's line is what must be written. */
  readonly after: string;
  readonly expected: string;
  /** The part of the name that stands before the cursor: '' right after a dot. */
  readonly typed: string;
  /** The rest of the name. */
  readonly name: string;
}

interface Found {
  readonly kind: PlaceKind;
  readonly start: number;
  readonly end: number;
}

/**
 * Places in the order in which they are to be measured: round the packages, so that the first few are spread over all
 * of them. Half are cut before the name, half inside it. Equal arguments give equal places.
 */
export async function placesOf(files: readonly CorpusFile[], seed: number): Promise<readonly MonitorPlace[]> {
  const ofGroups = new Map<string, MonitorPlace[]>();
  for (const file of files) {
    const places = ofGroups.get(file.group) ?? [];
    places.push(...(await placesIn(file, randomFor(seed, `monitors ${file.path}`))));
    ofGroups.set(file.group, places);
  }
  return roundAbout([...ofGroups].map(([group, places]) => shuffledByKind(places, group, seed)));
}

/** Members are what most places are; each other kind gets every fourth place as long as there are some. */
function shuffledByKind(
  places: readonly MonitorPlace[],
  group: string,
  seed: number,
): readonly MonitorPlace[] {
  const random = randomFor(seed, `monitors ${group}`);
  const members = shuffled(
    places.filter(({ kind }) => kind === 'members'),
    random,
  );
  const others = new Map<PlaceKind, MonitorPlace[]>();
  for (const place of shuffled(places, random)) {
    if (place.kind !== 'members') others.set(place.kind, [...(others.get(place.kind) ?? []), place]);
  }
  const rest = roundAbout([...others.values()]);
  const ordered: MonitorPlace[] = [];
  for (let index = 0; index < Math.max(members.length / 3, rest.length); index++) {
    ordered.push(...members.slice(3 * index, 3 * index + 3), ...rest.slice(index, index + 1));
  }
  return ordered;
}

function roundAbout<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, round) =>
    lists.flatMap((list) => list.slice(round, round + 1)),
  ).flat();
}

async function placesIn(file: CorpusFile, random: Random): Promise<readonly MonitorPlace[]> {
  using parsed = parseText(await grammarOf(file.language), file.text);
  const found: Found[] = [];
  visit(parsed.tree.rootNode, file.language, found);
  return found.flatMap(({ kind, start, end }) => {
    const isMiddle = end - start > 1 && kind !== 'signatures' && random() < 0.5;
    const cut = isMiddle ? start + 1 + integerBelow(end - start - 1, random) : start;
    return placeAt(file, kind, { start, end, cut });
  });
}

function placeAt(
  file: CorpusFile,
  kind: PlaceKind,
  { start, end, cut }: { readonly start: number; readonly end: number; readonly cut: number },
): readonly MonitorPlace[] {
  const { text } = file;
  const nextLine = !text.includes('\n', cut) ? text.length : text.indexOf('\n', cut);
  // Which module it is stands after the names that are imported from it.
  const lineEnd = kind === 'exports' ? end : nextLine;
  const expected = text.slice(cut, lineEnd).trimEnd();
  if (expected === '' || end > nextLine) return [];
  return [
    {
      id: `${kind} ${file.path}:${cut}`,
      kind,
      file,
      before: text.slice(0, cut),
      after: text.slice(lineEnd),
      expected,
      typed: text.slice(start, cut),
      name: text.slice(cut, end),
    },
  ];
}

function visit(node: Node, language: string, found: Found[]): void {
  const place = placeOfNode(node, language);
  if (place && place.start < place.end) found.push(place);
  for (const child of node.namedChildren) visit(child, language, found);
}

function placeOfNode(node: Node, language: string): Found | undefined {
  const { type, parent } = node;
  const whole = (kind: PlaceKind): Found => ({ kind, start: node.startIndex, end: node.endIndex });
  switch (type) {
    case 'property_identifier':
    case 'private_property_identifier':
      if (parent?.type === 'member_expression') return whole('members');
      return parent?.type === 'pair' && parent.firstNamedChild?.id === node.id ? whole('keys') : undefined;
    case 'shorthand_property_identifier':
      return whole('keys');
    case 'identifier':
      return identifier(node, language);
    case 'jsx_attribute':
      return node.firstNamedChild
        ? { kind: 'attributes', start: node.startIndex, end: node.firstNamedChild.endIndex }
        : undefined;
    case 'string_fragment':
    case 'string_content':
      return literal(node);
    case 'arguments':
    case 'argument_list':
      // The first argument is what must be written.
      return (parent?.type === 'call_expression' ||
        parent?.type === 'call' ||
        parent?.type === 'new_expression') &&
        node.firstNamedChild
        ? { kind: 'signatures', start: node.startIndex + 1, end: node.firstNamedChild.endIndex }
        : undefined;
    default:
      return undefined;
  }
}

function identifier(node: Node, language: string): Found | undefined {
  const { parent } = node;
  const whole = (kind: PlaceKind): Found => ({ kind, start: node.startIndex, end: node.endIndex });
  if (parent?.type === 'attribute')
    return parent.lastNamedChild?.id === node.id ? whole('members') : undefined;
  if (parent?.type === 'import_specifier' && parent.firstNamedChild?.id === node.id) return whole('exports');
  if (parent?.type === 'dotted_name' && parent.parent?.type === 'import_from_statement')
    return parent.parent.firstNamedChild?.id === parent.id ? undefined : whole('exports');
  if (parent?.type === 'binary_expression' && parent.lastNamedChild?.id === node.id)
    return whole('free-names');
  if (parent?.type === 'new_expression' && parent.firstNamedChild?.id === node.id) return whole('free-names');
  if (parent?.type === 'return_statement' && language === 'python') return whole('free-names');
  return undefined;
}

/** Strings where a type may be known: module paths, arguments, comparisons, subscripts, values of keys. */
function literal(node: Node): Found | undefined {
  const string = node.parent;
  if (string?.type !== 'string' || node.text.length > 60) return undefined;
  const kind = /^(?:import|export)_statement$/.test(string.parent?.type ?? '') ? 'modules' : 'strings';
  return { kind, start: node.startIndex, end: node.endIndex };
}
