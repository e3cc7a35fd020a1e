/// The life of an order, in one table. Every pair is spelled out, so a new state does not compile unseen.
package enum OrderState: String, CaseIterable, Sendable {
    case held, confirmed, billed, cancelled
    /// Confirmed and worth nothing: there is nothing to bill.
    case noCharge = "no_charge"

    package enum Event: String, Sendable { case release = "released", cancel = "cancelled", bill, waive }

    /// - Returns: nil when the event may not happen in this state.
    package func after(_ event: Event) -> OrderState? {
        switch (self, event) {
        case (.held, .release): .confirmed
        case (.held, .cancel), (.confirmed, .cancel): .cancelled
        case (.confirmed, .bill): .billed
        case (.confirmed, .waive): .noCharge
        case (.held, .bill), (.held, .waive), (.confirmed, .release), (.billed, _), (.cancelled, _), (.noCharge, _): nil
        }
    }
}
