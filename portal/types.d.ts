// What a bundler makes of other files than scripts.

declare module "*.txt" {
  const text: string;
  export default text;
}
