/// What a person or a key may do.
package enum Role: String, CaseIterable, Sendable {
    case viewer, clerk, collector, approver, controller, administrator, auditor

    /// Kinds of act, each endpoint and form names one.
    package enum Right: String, CaseIterable, Sendable {
        /// See everything but people and keys.
        case read
        /// Orders, customers, statements, receipts and their application.
        case work
        /// Notices, statements of account, holds.
        case collect
        /// Release held orders, write off.
        case approve
        /// Runs of the day, periods, proof.
        case control
        /// People, keys, settings.
        case administer
        /// See who did what.
        case audit
    }

    package var rights: Set<Right> { Self.granted[self] ?? [] }

    /// Whether it has every right of `other`.
    package func covers(_ other: Role) -> Bool { rights.isSuperset(of: other.rights) }

    private static let granted = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.grants) })

    private var grants: Set<Right> {
        switch self {
        case .viewer: [.read]
        case .auditor: [.read, .audit]
        case .clerk: [.read, .work]
        case .collector: [.read, .collect]
        case .approver: [.read, .work, .collect, .approve]
        case .controller: [.read, .work, .collect, .approve, .control, .audit]
        case .administrator: Set(Right.allCases)
        }
    }
}
