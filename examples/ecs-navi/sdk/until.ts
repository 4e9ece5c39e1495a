/** Polls until `check` gives true. Throws when that takes longer than `seconds`. */
export async function until(
  what: string,
  seconds: number,
  check: () => Promise<boolean | undefined>,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`waited ${seconds} s in vain until ${what}`);
}
