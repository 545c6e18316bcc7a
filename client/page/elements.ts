/** The elements of `index.html`. */
interface Kinds {
  button: HTMLButtonElement;
  dialog: HTMLDialogElement;
  form: HTMLFormElement;
  input: HTMLInputElement;
  output: HTMLOutputElement;
  template: HTMLTemplateElement;
  textarea: HTMLTextAreaElement;
  time: HTMLTimeElement;
}

/** The element that the selector finds, which must be there.
 * @param kind its tag, where more than any element can is asked of it. */
export function find<K extends keyof Kinds>(
  selector: string,
  kind: K,
  within?: ParentNode,
): Kinds[K];
export function find(selector: string, kind?: undefined, within?: ParentNode): HTMLElement;
export function find(selector: string, kind = "", within: ParentNode = document): Element {
  const found = within.querySelector(selector);
  if (found === null || (kind !== "" && found.localName !== kind)) {
    throw new Error(`The page has no ${kind} ${selector}.`);
  }
  return found;
}
