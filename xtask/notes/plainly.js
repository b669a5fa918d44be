// A fault ends the script with its sentence, not with the place in the script where it was noticed.

export function plainly() {
  process.on('uncaughtException', (error) => {
    console.error(error.message);
    process.exit(1);
  });
}
