import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** All that stands between quotes in the files of a part of src/, each text with its place; no import paths. */
export function quotedWords(part: string): readonly (readonly [place: string, text: string])[] {
  return filesOf(part).flatMap((file) => {
    const source = ts.createSourceFile(
      file,
      readFileSync(`${src}${file}`, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    return textsIn(source).map((node) => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      return [`${file}:${line + 1}`, node.text] as const;
    });
  });
}

function filesOf(part: string): readonly string[] {
  if (part.endsWith('.ts')) return [part];
  return readdirSync(`${src}${part}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${part}/${name}`);
}

function textsIn(node: ts.Node): ts.LiteralLikeNode[] {
  const own = isText(node) && !isPath(node) ? [node] : [];
  const children: ts.LiteralLikeNode[] = [];
  node.forEachChild((child) => void children.push(...textsIn(child)));
  return [...own, ...children];
}

function isText(node: ts.Node): node is ts.LiteralLikeNode {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddle(node) ||
    ts.isTemplateTail(node)
  );
}

/** Whether it names a file to import. */
function isPath({ parent }: ts.Node): boolean {
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent)) return true;
  return ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword;
}
