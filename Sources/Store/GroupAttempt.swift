/// How a group is committed: the first while it is likely to succeed, the second when it took for new what is there, the last
/// when a body threw.
enum GroupAttempt {
    /// Together, and what they insert under a unique key is taken for new: nobody looks for it first.
    case asNew
    case together
    /// Each behind a savepoint of its own.
    case apart
}

/// Thrown by a body that may not take for new what it is given after all: all runs again, and it looks.
package struct MayBeKnown: Error { package init() {} }

/// Some body of a group threw, or what all inserted was refused: nobody shares the rollback who can do without.
struct GroupRefused: Error {
    let next: GroupAttempt

    /// nil when another attempt would end as this one did.
    init?(_ cause: any Error, bodies: Int, _ attempt: GroupAttempt) {
        let isKnown = cause is MayBeKnown || (cause as? DatabaseFault)?.isDuplicate == true
        switch attempt {
        case .asNew where isKnown: next = .together
        case .asNew, .together:
            guard bodies > 1 else { return nil }
            next = .apart
        case .apart: return nil
        }
    }
}

/// Tells how to begin with a group: after one that was wrongly taken for new, the next ones look first.
struct Caution {
    /// A group that is wrongly taken for new costs twice.
    private static let groups = 256
    private var left = 0

    mutating func attempt() -> GroupAttempt {
        guard left > 0 else { return .asNew }
        left -= 1
        return .together
    }

    /// - Returns: What comes after `refused`.
    mutating func attempt(after refused: GroupRefused) -> GroupAttempt {
        if refused.next == .together { left = Self.groups }
        return refused.next
    }
}
