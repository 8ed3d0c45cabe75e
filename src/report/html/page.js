document.documentElement.classList.add("has-script");
const search = document.getElementById("search");
search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  for (const domain of document.querySelectorAll("details.domain")) {
    domain.hidden = !domain.dataset.words.includes(wanted);
  }
});
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const records = button.parentElement.querySelector("pre");
  try {
    await navigator.clipboard.writeText(records.textContent);
    button.textContent = "copied";
  } catch {
    // A page of a file may not write to the clipboard: the records are selected to be copied.
    getSelection().selectAllChildren(records);
    button.textContent = "selected";
  }
});
