// A colour card: one page that shows a web page of the package, which speaks with the app and with the mini-program.

App({})
