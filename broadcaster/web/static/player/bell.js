// A pause that can be ended early. A ring while nobody waits ends the next one: no word is lost between two turns.

export class Bell {
  rung = false;
  wake = () => {};

  ring() {
    this.rung = true;
    this.wake();
  }

  async wait(ms) {
    if (!this.rung) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.rung = false;
  }
}
