/** Who wants to know what a change did. */
export interface ChangeOptions<T> {
  /**
   * Called once the change is stored, with the thing as it was in that moment and as it became; null: it is gone. What
   * others change just before or after shows in neither. Not called if there was nothing to change. What it throws is
   * thrown to the caller; the change stays.
   */
  onChanged?: (before: T, after: T | null) => void;
}
