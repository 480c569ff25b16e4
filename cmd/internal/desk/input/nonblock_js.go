package input

// nonblock is nothing in a browser: there are no pipes.
const nonblock = 0
