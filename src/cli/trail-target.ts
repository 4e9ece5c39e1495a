/** What a call was about, in few words: the names and ids among its parameters. */

const MOST_WORDS = 4;
const LONGEST = 60;
/** What tells least comes last. */
const TELLING = /(name|id|arn|bucket|cluster|service|task|family|definition|role|names|ids|arns)s?$/i;
const NOISE =
  /^(clientToken|nextToken|maxResults|clientRequestToken|creationToken|callerReference|requestId|ownerId)$/;
const HIDDEN = /^(HIDDEN_DUE_TO_SECURITY_REASONS|<sensitiveDataRemoved>)$/;

export function describeTarget(operation: string, request: unknown, response: unknown): string {
  const words = wordsOf(request);
  const telling = words.filter(([name]) => TELLING.test(name));
  // Who creates something by other means than a name learns its id from the answer: CreateVpc's is vpcId.
  const noun = operation.replace(/^[A-Z][a-z]+/, "").toLowerCase();
  const created =
    telling.length > 0
      ? []
      : wordsOf(response).filter(([name]) => noun !== "" && name.toLowerCase().startsWith(noun));
  const shown = [...telling, ...created, ...words.filter(([name]) => !TELLING.test(name))];
  const unique = [...new Map(shown.map(([name, value]) => [`${name}=${value}`, true])).keys()];
  return unique.slice(0, MOST_WORDS).join(" ");
}

/** Plain values, near ones first. */
function wordsOf(value: unknown): (readonly [name: string, value: string])[] {
  const words: (readonly [name: string, value: string])[] = [];
  let level: (readonly [name: string, value: unknown])[] = [["", value]];
  while (level.length > 0 && words.length < 20) {
    const next: (readonly [name: string, value: unknown])[] = [];
    for (const [name, item] of level) {
      if (Array.isArray(item)) next.push(...item.map((one: unknown) => [name, one] as const));
      else if (typeof item === "object" && item !== null)
        next.push(...Object.entries(item).map(([key, one]) => [key === "items" ? name : key, one] as const));
      else if (item !== null && item !== "" && !NOISE.test(name) && !HIDDEN.test(String(item)))
        words.push([name, shorten(String(item))]);
    }
    level = next;
  }
  return words;
}

/** Of an ARN what comes after the account. */
function shorten(text: string): string {
  const short = text.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, "").replace(/\s+/g, " ");
  return short.length > LONGEST ? `${short.slice(0, LONGEST - 1)}…` : short;
}
