/** The feed and the raw events as bounded lists. Whatever an event holds becomes text, never markup. */

/** A tab that runs for days holds no more than this. */
export const MAX_ITEMS = 100;

const MAX_TEXT = 400;

/** A value of an event as text of bounded length; isolated, so that right-to-left text does not turn its neighbours around. */
export function text(value) {
  const whole = typeof value === 'string' ? value : JSON.stringify(value) ?? '';
  return whole.length > MAX_TEXT ? `${whole.slice(0, MAX_TEXT)}… (${whole.length.toLocaleString('en')} characters)` : whole;
}

/** What an event says: its kind, who did it, and the sentence around. */
export function describe(value) {
  const actor = value?.authorId ?? value?.userId;
  const by = actor === undefined || typeof actor === 'object' ? null : String(actor);
  switch (value?.type) {
    case 'like': return { kind: 'like', icon: '♥', by, says: 'likes your post', what: value.postId };
    case 'follow': return { kind: 'follow', icon: '+', by, says: 'follows you' };
    case 'new-post': return { kind: 'new-post', icon: '✎', by, says: 'posted', what: value.postId };
    case 'message': return { kind: 'message', icon: '✉', by, says: 'writes:', what: value.text };
    default: return { kind: 'other', icon: '•', by: null, says: 'Event', what: value };
  }
}

/** A list that shows what came since the last frame at once, newest first. */
export class BoundedList {
  #list;
  #make;
  #waiting = [];
  #drawing = false;

  constructor(list, make) {
    this.#list = list;
    this.#make = make;
  }

  add(item) {
    this.#waiting.push(item);
    if (this.#waiting.length > MAX_ITEMS) this.#waiting.shift();
    if (this.#drawing) return;
    this.#drawing = true;
    // A hidden tab gets no frames; the few items that wait are bounded.
    requestAnimationFrame(() => this.#draw());
  }

  clear() {
    this.#waiting = [];
    this.#list.replaceChildren();
  }

  #draw() {
    this.#drawing = false;
    const made = document.createDocumentFragment();
    for (const item of this.#waiting.reverse()) made.append(this.#make(item));
    this.#waiting = [];
    this.#list.prepend(made);
    while (this.#list.children.length > MAX_ITEMS) this.#list.lastChild.remove();
  }
}

/** A feed item; onAct(action, author, post) is called by its buttons. */
export function feedItem({ value, at, unread }, onAct) {
  const { kind, icon, by, says, what } = describe(value);
  const item = element('li', `item ${kind}`);
  if (unread) item.classList.add('unread');
  const sentence = element('p');
  if (by !== null) sentence.append('User ', isolated('strong', by), ' ');
  sentence.append(says, ' ');
  if (what !== undefined) sentence.append(isolated('q', what));
  const time = element('time', 'note', new Date(at).toLocaleTimeString());
  time.dateTime = new Date(at).toISOString();
  const mark = element('span', 'icon', icon);
  mark.setAttribute('aria-hidden', 'true');
  const body = element('div');
  body.append(sentence, time);
  item.append(mark, body);
  if (kind === 'new-post' && by !== null) item.append(button('Like', `Like the post of user ${text(by)}`, () => onAct('like', by, String(what))));
  if ((kind === 'like' || kind === 'follow') && by !== null) item.append(button('Follow', `Follow user ${text(by)}`, () => onAct('follow', by)));
  return item;
}

/** A raw event as it stood on the wire. */
export function rawItem({ id, name, data, durable }) {
  const item = element('li');
  const head = element('code', 'id', `${durable ? id : 'no id'}${name === 'message' ? '' : ` · ${name}`}`);
  item.append(head, isolated('code', data));
  return item;
}

function isolated(tag, value) {
  const made = element(tag, '', text(value));
  made.dir = 'auto';
  return made;
}

function button(label, description, onClick) {
  const made = element('button', 'small', label);
  made.type = 'button';
  made.setAttribute('aria-label', description);
  made.addEventListener('click', onClick);
  return made;
}

function element(tag, className = '', content = '') {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = content;
  return made;
}
