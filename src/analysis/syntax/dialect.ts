/** The language of a text whose name leaves it open: a `.h` file is C or C++. */
import type { ParsedLanguage } from '../languages.ts';

const CPP_MARK =
  /^[ \t]*(?:namespace\s+\w*(?:::\w+)*\s*\{|class\s+\w+|template\s*<|using\s+\w|(?:public|private|protected)\s*:|#\s*include\s+<(?:string|vector|memory|map|utility|functional|type_traits|algorithm|cstd\w+|cstring)>)/m;
/** C headers that serve both keep what is for C++ between these. */
const GUARDED = /#\s*if(?:def\s+__cplusplus|\s+defined\s*\(?\s*__cplusplus)/;

export function dialectOf(language: ParsedLanguage, path: string, text: string): ParsedLanguage {
  if (language !== 'c' || !/\.h$/i.test(path)) return language;
  return CPP_MARK.test(text) && !GUARDED.test(text) ? 'cpp' : language;
}
