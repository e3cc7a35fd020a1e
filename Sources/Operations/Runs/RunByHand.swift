import Domain
import Store

/// One part of the day's work, or all of it with its figures and its proof, started by a person or a program: listed while it goes on, each
/// step written down as it begins and as it ends. Stopped anywhere and started again, it does what is still to be done.
package struct RunByHand: Sendable {
    package enum Name: String, CaseIterable, Sendable {
        case billing, cash, dunning, day

        var steps: [RunStep.Name] {
            switch self {
            case .billing: [.billing]
            case .cash: [.cash]
            case .dunning: [.dunning]
            case .day: [.billing, .cash, .dunning, .figures, .proof]
            }
        }
    }
    package struct Report: Equatable, Sendable {
        package let id: ID<HandRun>
        /// What the steps did, one clause a step.
        package let said: String
        /// False where the proof found a fault.
        package let isProven: Bool
    }

    private let database: any Database
    private let entity: ID<Entity>
    private let name: Name
    private let on: Day
    private let person: String
    private let day: DayRun
    private let clock: @Sendable () -> Instant
    private let pause: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - today: What day it is, as `DayRun` takes it.
    ///   - pause: Waits as long as a third of a lease.
    package init(
        _ database: any Database, _ entity: ID<Entity>, _ name: Name, on day: Day, today: Day, by person: String, _ terms: DayRun.Terms,
        clock: @escaping @Sendable () -> Instant, pause: @escaping @Sendable () async throws -> Void
    ) {
        (self.database, self.entity, self.name, on, self.person) = (database, entity, name, day, person)
        (self.clock, self.pause) = (clock, pause)
        self.day = DayRun(database, entity, on: day, today: today, terms, clock: clock)
    }

    package func run() async throws -> Report {
        let entity = entity, name = name, on = on, person = person
        let row = try await writeStep { try HandRun.begin(entity, name.rawValue, on: on, by: person, in: $0, at: $1) }
        return try await holding(pause) {
            try await writeStep { try row.hold(in: $0, at: $1) }
        } during: {
            try await finish(row)
        }
    }

    private func finish(_ row: HandRun) async throws -> Report {
        var said: [String] = [], isProven = true
        do {
            for step in name.steps {
                let (text, holds) = try await work(step, of: row.id)
                if !text.isEmpty { said.append(text) }
                isProven = isProven && holds
            }
        } catch {
            let why = Self.words(error)
            try await write { try row.end(.failed, why, in: $0, at: $1) }
            throw error
        }
        let report = said.joined(separator: "; "), end: HandRun.End = isProven ? .done : .failed
        try await write { try row.end(end, report, in: $0, at: $1) }
        return Report(id: row.id, said: report, isProven: isProven)
    }

    private func work(_ step: RunStep.Name, of run: ID<HandRun>) async throws -> (said: String, isProven: Bool) {
        let entity = entity, row = try await writeStep { try RunStep.begin(entity, run.value, step, in: $0, at: $1) }
        do {
            let (said, isProven) = try await work(step)
            try await write { try row.end(isProven ? .done : .failed, said, in: $0, at: $1) }
            return (said, isProven)
        } catch {
            let why = Self.words(error)
            try await write { try row.end(.failed, why, in: $0, at: $1) }
            throw error
        }
    }

    private func work(_ step: RunStep.Name) async throws -> (said: String, isProven: Bool) {
        let entity = entity
        switch step {
        case .billing: return (try await day.bill().said, true)
        case .cash: return (try await day.applyCash().said, true)
        case .dunning: return (try await day.dun().said, true)
        case .figures:
            try await day.end()
            return ("", true)
        case .proof:
            let check = try await database.read { try CheckBooks(entity).run(in: $0) }
            return (check.said, check.faults.isEmpty)
        }
    }

    private static func words(_ error: any Error) -> String {
        if error is CancellationError { return HandRun.stopped }
        return faultTold(error)
    }

    private func writeStep<Value: Sendable>(_ body: @escaping @Sendable (any Transaction, Instant) throws -> Value) async throws -> Value {
        let now = clock()
        return try await database.writeStep(entity: entity) { try body($0, now) }
    }

    /// How it ended is written down in books that a newer program has brought on, too.
    private func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction, Instant) throws -> Value) async throws -> Value {
        let now = clock()
        return try await database.write(entity: entity) { try body($0, now) }
    }
}
