/** By what right the page reads, until when, and what has become of it. */
import * as social from './social.mjs';

const $ = id => document.getElementById(id);

export class Right {
  #user;
  #onNew;
  #expiresAt = null;
  #renewals = 0;
  #problem = null;

  /**
   * @param {string} user Whom the page is for.
   * @param {() => void} onNew There is a new right: what has ended for want of one can begin again.
   */
  constructor(user, onNew) {
    this.#user = user;
    this.#onNew = onNew;
    $('sign-in').addEventListener('click', () => this.#signIn());
    $('revoke').addEventListener('click', () => this.#revoke());
    this.#begin();
  }

  /** The stream's right ends soon. */
  async end() {
    if ($('renew').checked && await this.#signIn()) this.#renewals++;
    this.#show();
  }

  async #begin() {
    const session = await social.session();
    $('right').hidden = !session?.isRequired;
    $('sign').hidden = !session?.canSignIn;
    if (!session?.isRequired) return;
    this.#expiresAt = session.userId === this.#user ? session.expiresAt : null;
    setInterval(() => this.#show(), 1000);
    this.#show();
  }

  async #signIn() {
    this.#problem = await social.signIn(this.#user);
    if (this.#problem === null) {
      this.#expiresAt = (await social.session())?.expiresAt ?? null;
      this.#onNew();
    }
    this.#show();
    return this.#problem === null;
  }

  async #revoke() {
    this.#problem = await social.revoke(this.#user) ?? 'The right was revoked: the stream has ended for good, on every replica.';
    this.#expiresAt = null;
    this.#show();
  }

  #show() {
    const left = this.#expiresAt === null ? 0 : Math.ceil((Date.parse(this.#expiresAt) - Date.now()) / 1000);
    const renewed = this.#renewals === 0 ? '' : ` It was renewed ${this.#renewals === 1 ? 'once' : `${this.#renewals} times`}.`;
    const says = this.#problem
      ?? (left > 0 ? `Signed in as user ${this.#user} for ${left} s.${renewed}` : this.#expiresAt === null ? 'Nobody is signed in.' : 'The right has ended: sign in again.');
    if ($('session').textContent !== says) $('session').textContent = says;
  }
}
