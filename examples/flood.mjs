// Search by flooding: whoever is asked asks its neighbours, up to `ttl` hops away; whoever has the item says so.
import { defineProtocol } from 'peerage';

export default defineProtocol({
  about: 'a flood over random links',
  settings: { ttl: { default: 3, integer: true, min: 1, about: 'hops a search goes' } },
  messages: { hello: [], query: ['id', 'key', 'origin', 'hops'], hit: ['id', 'hops'] },
  services: ['locate'],
  create(peer, { ttl }) {
    const links = new Set(); // addresses of neighbours
    const items = new Set(); // keys this peer shares
    const seen = new Set(); // searches that came by: nobody passes one on twice
    const searches = new Map(); // this peer's own, by number
    const onMessage = (from, message) => {
      const { type, id, key, origin, hops } = message;
      if (type === 'hello') links.add(from);
      if (type === 'hit') searches.get(id)?.found(from, hops);
      if (type !== 'query' || seen.has(id)) return;
      seen.add(id);
      peer.reach();
      if (items.has(key)) peer.send(origin, { type: 'hit', id, hops });
      if (hops === ttl) return;
      for (const link of links) if (link !== from) peer.send(link, { ...message, hops: hops + 1 });
    };
    return {
      join() {
        for (const address of peer.bootstrap(3)) {
          links.add(address);
          peer.send(address, { type: 'hello' }); // it adds this peer in turn
        }
      },
      publish: (key) => items.add(key),
      locate(key, search) {
        const id = peer.random.identifier();
        searches.set(id, search);
        onMessage(peer.address, { type: 'query', id, key, origin: peer.address, hops: 0 });
      },
      onMessage,
    };
  },
});
