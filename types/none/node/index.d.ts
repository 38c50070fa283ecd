// Replaces @types/node in projects of code that runs in a browser. Declarations of some libraries ask for Node's types;
// with these globals (`process`, `Buffer`) code that cannot run would compile.
export {};
