import { type Api, Failure } from './api';
import type { Environment } from './environment';
import type { Keeper } from './keeper';
import type { Identity, Page, Session } from './protocol';

interface Ticket {
  token: string;
  visitor: string;
}

/** Who this browser is to the server: the token it remembers and the identity that the page vouches for. */
export class Visitor {
  constructor(
    private readonly api: Api,
    private readonly environment: Environment,
    private readonly keeper: Keeper,
    public locale: string,
    public page: Page,
    public identity: Identity | null,
    private readonly identityRefused: () => void,
  ) {}

  /** What is remembered from an earlier page or another tab. */
  get ticket(): Ticket | null {
    try {
      return JSON.parse(this.keeper.read('token') ?? 'null') as Ticket | null;
    } catch {
      return null;
    }
  }

  /** Whose transcript and unsent messages are in this browser. Outlives a refused token. */
  get owner(): string | null {
    return this.keeper.read('visitor');
  }

  set owner(visitor: string | null) {
    this.keeper.write('visitor', visitor);
  }

  /** Opens or continues a session. Throws Failure. */
  open(): Promise<Session> {
    return this.environment.exclusive('yizhan-session', () => this.request());
  }

  forgetToken(): void {
    this.keeper.write('token', null);
  }

  /** The server refused the token in use. Another tab may have a newer one already. */
  tokenRefused(): void {
    if (this.ticket?.token === this.api.token) this.forgetToken();
  }

  /** A refused identity costs the name, a refused token costs the history; neither may cost the conversation. */
  private async request(): Promise<Session> {
    for (;;) {
      const token = this.ticket?.token;
      const { identity, locale, page } = this;
      try {
        const session = await this.api.session({
          ...(token ? { token } : {}),
          ...(identity ? { identity } : {}),
          locale,
          page,
        });
        this.keeper.write('token', JSON.stringify({ token: session.token, visitor: session.visitor_id }));
        return session;
      } catch (failure) {
        if (!(failure instanceof Failure) || failure.status !== 401) throw failure;
        if (identity) {
          if (this.identity === identity) this.identity = null;
          this.identityRefused();
        } else if (token && failure.problem.code !== 'identity_required') this.forgetToken();
        else throw failure;
      }
    }
  }
}
