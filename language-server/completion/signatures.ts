/** The declarations of a file without their bodies, as a model can use them: one line each. */

const scriptDeclaration =
  /^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|class|interface|type|enum|const|let)\s+[\w$]+/;
const scriptMember =
  /^ {2,4}(?:(?:public|static|readonly|async|get|set)\s+)*[\w$]+\??(?:<[^>]*>)?\s*[(:][^=]*[{;]\s*$/;
const pythonDeclaration = /^(?:class|(?: {4}|\t)?(?:async\s+)?def)\s+\w+|^[A-Z_][A-Z0-9_]*\s*[:=]/;
const other =
  /^\s{0,4}(?:pub\s+|public\s+|export\s+|static\s+)*(?:fn|func|function|class|struct|interface|trait|enum|type|module|def)\s+\w+/;
const notDeclarations = /^\s*(?:if|for|while|switch|return|catch|else)\b/;

/** At most `most` characters of declarations, in the order of the file. */
export function signatures(text: string, languageId: string, most: number): string {
  const isDeclaration = declarationsOf(languageId, text);
  const kept: string[] = [];
  let length = 0;
  for (const line of text.split('\n')) {
    if (400 < line.length || notDeclarations.test(line) || !isDeclaration(line)) continue;
    const signature = line.trimEnd().replace(/\s*\{$/, '');
    if (most < length + signature.length + 1) break;
    kept.push(signature);
    length += signature.length + 1;
  }
  return kept.join('\n');
}

/** In a script that exports anything, only that can be imported; members of what is exported follow it. */
function declarationsOf(languageId: string, text: string): (line: string) => boolean {
  if (/^(?:type|java)script(?:react)?$/.test(languageId)) {
    const exporting = /^export\b/m.test(text);
    const isLocal = (line: string) =>
      /^\s+(?:const|let)/.test(line) || (exporting && !line.startsWith('export'));
    return (line) => (scriptDeclaration.test(line) && !isLocal(line)) || scriptMember.test(line);
  }
  if (languageId === 'python') return (line) => pythonDeclaration.test(line);
  return (line) => other.test(line);
}
