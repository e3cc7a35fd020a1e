/// A business "no" that the caller can act on, as opposed to a fault of ours.
///
/// Each operation declares one closed set of these.
package protocol Refusal: Error, Sendable {
    var category: RefusalCategory { get }
    /// Stable, snake_case, documented: programs switch on it. Never localised, never reworded.
    var code: String { get }
    /// One sentence for a person: what is wrong, where, and what to do.
    var message: String { get }
}

package enum RefusalCategory: Sendable { case invalid, missing, conflict, forbidden }
