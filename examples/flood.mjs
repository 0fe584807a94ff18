// Search by flooding: whoever is asked asks its neighbours, up to `ttl` hops away; whoever has the item says so.
import { defineProtocol } from 'peerage';

class Flood {
  links = new Set(); // addresses of neighbours
  items = new Set(); // keys this peer shares
  seen = new Set(); // searches that came by: nobody passes one on twice
  searches = new Map(); // this peer's own, by number

  constructor(peer, settings) {
    this.peer = peer;
    this.settings = settings;
  }
  join() {
    for (const address of this.peer.bootstrap(this.settings.degree)) this.meet(address);
  }
  meet(address) {
    if (this.links.has(address)) return;
    this.links.add(address);
    this.peer.send(address, { type: 'hello' }); // it meets this peer in turn
  }
  publish(key) {
    this.items.add(key);
  }
  locate(key, search) {
    const id = this.peer.random.identifier();
    this.searches.set(id, search);
    this.search(this.peer.address, { type: 'query', id, key, origin: this.peer.address, hops: 0 });
  }
  search(from, query) {
    if (this.seen.has(query.id)) return;
    this.seen.add(query.id);
    this.peer.reach();
    if (this.items.has(query.key)) this.peer.send(query.origin, { type: 'hit', id: query.id, hops: query.hops });
    if (query.hops === this.settings.ttl) return;
    const next = { ...query, hops: query.hops + 1 };
    for (const address of this.links) if (address !== from) this.peer.send(address, next);
  }
  onMessage(from, message) {
    if (message.type === 'query') this.search(from, message);
    else if (message.type === 'hit') this.searches.get(message.id)?.found(from, message.hops);
    else this.meet(from);
  }
}

export default defineProtocol({
  about: 'a flood over random links',
  settings: {
    degree: { default: 3, integer: true, min: 1, about: 'neighbours a newcomer asks for' },
    ttl: { default: 3, integer: true, min: 1, about: 'hops a search goes' },
  },
  messages: { hello: [], query: ['id', 'key', 'origin', 'hops'], hit: ['id', 'hops'] },
  services: ['locate'],
  sizeOf: ({ type }) => ({ hello: 1, query: 21, hit: 9 })[type], // bytes: an address and a key take 6 each
  create: (peer, settings) => new Flood(peer, settings),
});
