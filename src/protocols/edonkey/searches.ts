/**
 * A client's searches. First its own server is asked which files have the words, over the connection; if those are too few, the other
 * servers by datagrams, one after the other. Then every server that names the file that is wanted is asked who has it.
 */

import { Call, Calls } from '../../overlay/rpc.js';
import type { Address, Key, Peer } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import type { Login } from './login.js';
import type {
  GetSources,
  GlobalGetSources,
  GlobalResults,
  GlobalSearch,
  GlobalSources,
  Results,
  Search as SearchMessage,
  Sources,
} from './messages.js';
import { SOURCE } from './messages.js';
import type { EdonkeySettings } from './settings.js';

/** Hops to a server's index: every server is asked by the client itself. */
const HOPS = 1;

/** What searches bring, for whoever wants to fetch it. */
export interface Finder {
  /** As the server names them. */
  onSources(operation: LocateOperation, server: Address, sources: readonly number[]): void;
  onSearched(operation: LocateOperation): void;
}

/** One search. */
class Search {
  readonly operation: LocateOperation;
  /** Different files named so far. */
  readonly files = new Set<Key>();
  /** Servers that are still to be asked. */
  readonly others: Address[];
  /** Questions without an answer so far. */
  waiting = 0;
  /** Whether the next of `others` is to be asked in a moment. */
  isPausing = false;

  constructor(operation: LocateOperation, others: Address[]) {
    this.operation = operation;
    this.others = others;
  }
}

/** A question to a server. */
class Question extends Call {
  readonly search: Search;
  readonly server: Address;
  /** What it is about: words, or who has the file. */
  readonly about: 'words' | 'sources';
  /** Whether it was asked over the connection. */
  readonly isOwn: boolean;
  repeats = 0;

  constructor(search: Search, server: Address, about: Question['about'], isOwn: boolean) {
    super();
    this.search = search;
    this.server = server;
    this.about = about;
    this.isOwn = isOwn;
  }
}

const askNext = ([searches, search]: readonly [Searches, Search]) => searches.askNext(search);

export class Searches {
  private readonly peer: Peer;
  private readonly settings: EdonkeySettings;
  private readonly login: Login;
  private readonly finder: Finder;
  private readonly questions: Calls<Question>;
  /** Asked while there was no server. */
  private early: LocateOperation[] = [];

  /** @param onTimeout a method of the protocol, which calls this one's */
  constructor(peer: Peer, settings: EdonkeySettings, login: Login, finder: Finder, onTimeout: (number: number) => void) {
    this.peer = peer;
    this.settings = settings;
    this.login = login;
    this.finder = finder;
    this.questions = new Calls<Question>(peer, onTimeout);
  }

  begin(operation: LocateOperation): void {
    const own = this.login.access?.remote;
    if (own === undefined) {
      this.early = this.early.filter(({ open }) => open);
      this.early.push(operation);
      return;
    }
    const others = this.settings.enoughResults > 0 ? this.peer.servers.filter((server) => server !== own) : [];
    this.ask(new Question(new Search(operation, this.peer.random.shuffle(others)), own, 'words', true));
  }

  /** There is a server again: what waits for one is asked. */
  onLoggedIn(): void {
    const { early } = this;
    this.early = [];
    for (const operation of early) if (operation.open) this.begin(operation);
  }

  onResults({ request, keys }: Results | GlobalResults): void {
    const question = this.questions.close(request);
    if (question === undefined) return;
    const { search, server, isOwn } = question;
    for (const key of keys) search.files.add(key);
    if (keys.includes(search.operation.key)) this.ask(new Question(search, server, 'sources', isOwn));
    this.answered(question);
  }

  onSources({ request, sources }: Sources | GlobalSources): void {
    const question = this.questions.close(request);
    if (question === undefined) return;
    const { operation } = question.search;
    for (let i = 0; i < sources.length; i += SOURCE) operation.found(sources[i], HOPS);
    this.finder.onSources(operation, question.server, sources);
    this.answered(question);
  }

  onTimeout(number: number): void {
    const question = this.questions.get(number);
    if (question === undefined) return;
    if (!question.isOwn && question.repeats < this.settings.datagramRetries) {
      question.repeats++;
      this.questions.rearm(number, this.settings.answerTimeoutMs);
      this.send(question);
      return;
    }
    this.questions.close(number);
    this.peer.timedOut();
    this.answered(question);
    if (question.isOwn && this.login.access?.remote === question.server) this.login.drop();
  }

  /** The next of the other servers, if what was found is too little. */
  askNext(search: Search): void {
    search.isPausing = false;
    const server = this.wantsMore(search) ? search.others.pop() : undefined;
    if (server !== undefined) {
      this.ask(new Question(search, server, 'words', false));
      this.pause(search);
    }
    this.look(search);
  }

  private wantsMore({ operation, files, others }: Search): boolean {
    return operation.open && others.length > 0 && files.size < this.settings.enoughResults;
  }

  private ask(question: Question): void {
    question.search.waiting++;
    this.questions.open(question, this.settings.answerTimeoutMs);
    this.send(question);
  }

  private send({ search, server, about, isOwn, number: request }: Question): void {
    const { key, words } = search.operation;
    if (isOwn) {
      const isAbout: SearchMessage | GetSources =
        about === 'words' ? { type: 'search', request, words } : { type: 'get-sources', request, key };
      this.login.access?.send(isAbout);
    } else {
      const isAbout: GlobalSearch | GlobalGetSources =
        about === 'words' ? { type: 'global-search', request, words } : { type: 'global-get-sources', request, key };
      this.peer.send(server, isAbout);
    }
  }

  private answered({ search, about, isOwn }: Question): void {
    search.waiting--;
    if (about === 'words' && isOwn) this.pause(search);
    this.look(search);
  }

  private pause(search: Search): void {
    if (search.isPausing || !this.wantsMore(search)) return;
    search.isPausing = true;
    this.peer.after(this.settings.globalPauseMs, askNext, [this, search] as const);
  }

  /** Whether it is over. */
  private look(search: Search): void {
    if (search.waiting > 0 || search.isPausing) return;
    search.operation.finish(HOPS);
    this.finder.onSearched(search.operation);
  }
}
