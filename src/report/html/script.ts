/** What a report does on its own: sorts tables, copies. Without it everything can still be read, selected and printed. */

export const SCRIPT = `
const valueOf = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
};
const textOf = (row, column) => row.cells[column].textContent;
const compare = (a, b, column) => {
  const [x, y] = [valueOf(a, column), valueOf(b, column)];
  if (x !== null && y !== null) return x - y;
  return textOf(a, column) < textOf(b, column) ? -1 : textOf(a, column) > textOf(b, column) ? 1 : 0;
};
// Nothing measured stands last, whichever way it is sorted.
const isNothing = (row, column) => textOf(row, column) === '-';
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector('button').addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
    for (const each of heads) each.setAttribute('aria-sort', 'none');
    head.setAttribute('aria-sort', down === 1 ? 'ascending' : 'descending');
    const rows = [...table.querySelectorAll('tbody tr')];
    rows.sort((a, b) => isNothing(a, column) - isNothing(b, column) || down * compare(a, b, column));
    table.tBodies[0].append(...rows);
  }));
}
const tsv = (table) => [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent).join('\\t')).join('\\n') + '\\n';
const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.body.appendChild(document.createElement('textarea'));
    area.value = text;
    area.select();
    document.execCommand('copy');
    area.remove();
  }
};
for (const button of document.querySelectorAll('button.copy')) {
  const label = button.textContent;
  button.addEventListener('click', async () => {
    const table = button.closest('table');
    await copy(table ? tsv(table) : button.parentElement.querySelector('code').textContent);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}
`.trim();
