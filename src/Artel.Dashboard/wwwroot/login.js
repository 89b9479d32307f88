// A login link carries its code after the '#', which browsers send to nobody. It is put into the form and taken out of the address.
const code = location.hash.startsWith("#code=") ? decodeURIComponent(location.hash.slice(6)) : "";
if (code) {
  history.replaceState(null, "", location.pathname + location.search);
  document.getElementById("secret").value = code;
  document.getElementById("login-form").submit();
}
