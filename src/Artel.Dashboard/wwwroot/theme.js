// Before anything is drawn: the theme that was chosen here, or the system's.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const choice = () => localStorage.getItem("artel-theme") || "system";
  const apply = () => {
    const dark = choice() === "dark" || (choice() === "system" && system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("artel-theme", { detail: dark }));
    return dark;
  };
  window.artelTheme = {
    choice,
    isDark: () => document.documentElement.dataset.theme === "dark",
    choose: (theme) => { localStorage.setItem("artel-theme", theme); return apply(); },
    watch: (page) => document.addEventListener("artel-theme", (e) => page.invokeMethodAsync("ThemeChanged", e.detail).catch(() => {})),
  };
  system.addEventListener("change", apply);
  apply();
})();
