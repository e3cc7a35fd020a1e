import Domain
import Operations
import Store

extension Shop {
    /// Sets a part apart as a collector does.
    @discardableResult
    func apart(
        _ document: String, _ kind: Slice.Kind, _ minor: Int64? = nil, until: Day? = nil, code: ReasonCode? = nil, theirs: String? = nil,
        reason: String = "two broken", on day: Day
    ) async throws -> ID<Slice> {
        let operation = OpenSlice(
            entity, document: document, kind, minor.map { Money(minor: $0, currency) }, dueOn: until, code: code, customerCode: theirs,
            reason: reason, role: "collector", on: day)
        return try await run { try operation.run(in: $0, at: $1) }
    }

    func plan(_ document: String, _ parts: [(Int64, Day)], on day: Day) async throws {
        let instalments = parts.map { AgreePlan.Instalment(Money(minor: $0.0, currency), dueOn: $0.1) }
        let operation = AgreePlan(entity, document: document, instalments, reason: "agreed by phone", role: "collector", on: day)
        try await run { try operation.run(in: $0, at: $1) }
    }

    func release(_ slice: ID<Slice>, reason: String = "cleared", on day: Day) async throws {
        let operation = ReleaseSlice(entity, slice, reason: reason, role: "collector", on: day)
        try await run { _ = try operation.run(in: $0, at: $1) }
    }

    func writeOff(
        _ document: String, _ minor: Int64? = nil, slice: ID<Slice>? = nil, code: ReasonCode = .uncollectable, reason: String = "gone",
        by role: Role = .controller, second: Role? = nil, name: String = "Kim", id: Int64? = nil,
        relief: Int? = nil, on day: Day
    ) async throws {
        var policy = WriteOffPolicy()
        policy.vatReliefDays = relief
        let operation = WriteOff(
            entity, document: document, slice: slice, minor.map { Money(minor: $0, currency) }, code: code, reason: reason, policy,
            by: .init(role, second: second, name: name, id: id), on: day)
        try await run { try operation.run(in: $0, at: $1) }
    }

    func takeBackWriteOff(_ document: String, on day: Day) async throws {
        let operation = ReverseWriteOff(entity, document: document, reason: "paid after all", on: day)
        try await run { try operation.run(in: $0, at: $1) }
    }

    /// `kind open` of every slice, in the order of their opening.
    func slices() async throws -> [String] {
        try await texts("SELECT kind || ' ' || CAST(open_minor AS TEXT) FROM slice WHERE entity_id = \(entity) ORDER BY id")
    }

    /// `event amount` in the order of happening.
    func sliceEvents() async throws -> [String] {
        try await texts("SELECT event || ' ' || CAST(amount_minor AS TEXT) FROM slice_event WHERE entity_id = \(entity) ORDER BY id")
    }
}
