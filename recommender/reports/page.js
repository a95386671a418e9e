// A click on a column's name sorts its table; a second click turns the order round.
document.addEventListener("click", (event) => {
  const head = event.target.closest("th");
  if (!head || !event.target.closest("button")) return;
  const table = head.closest("table");
  const column = [...head.parentNode.children].indexOf(head);
  const rising = head.getAttribute("aria-sort") === "descending";
  const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
  const order = (a, b) => {
    const [x, y] = [value(a), value(b)];
    const difference = Number(x) - Number(y);
    return (Number.isNaN(difference) ? x.localeCompare(y) : difference) * (rising ? 1 : -1);
  };
  for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", rising ? "ascending" : "descending");
  table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
});
