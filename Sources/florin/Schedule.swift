import Connectors
import Domain
import Foundation
import Logging
import Operations
import Store
import Web

/// The work that no request starts, for every legal entity of the database: business days, letters, webhooks.
///
/// Any number of servers may run it on one database: a day, a letter and an address are leased to one of them. It ends when its task is
/// cancelled, each part between two transactions.
struct Schedule: Sendable {
    private let open: OpenBooks
    private let on: Day?
    private let logger: Logger
    private let schema: SchemaWatch

    /// - Parameter day: The last business day that runs; each day's own when nil, from the hour of the configuration on.
    init(_ open: OpenBooks, on day: Day?, _ logger: Logger) {
        (self.open, on, self.logger, schema) = (open, day, logger, SchemaWatch(open.database))
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await repeated("day", every: .seconds(20)) { try await days($0) } }
            group.addTask { await repeated("letters", every: .seconds(10)) { try await letters($0) } }
            group.addTask { await webhooks() }
        }
    }

    /// A failed round is logged; the next one tries again.
    private func repeated(_ name: String, every pause: Duration, _ round: (ID<Entity>) async throws -> Void) async {
        while !Task.isCancelled {
            var failed = false
            do {
                try await schema.check()
                for entity in try await open.database.read({ try ReadEntities().run(in: $0) }) where !Task.isCancelled {
                    do { try await round(entity.id) } catch is CancellationError { return } catch let lost as JobLease.Refused {
                        logger.warning("job lost", metadata: ["job": "\(name)", "entity": "\(entity.id.value)", "why": "\(lost.message)"])
                    } catch let fault as DatabaseFault where fault.isNewer { throw fault } catch {
                        failed = true
                        logger.error("job failed", metadata: ["job": "\(name)", "entity": "\(entity.id.value)", "error": "\(error)"])
                    }
                }
            } catch is CancellationError { return } catch let fault as DatabaseFault where fault.isNewer {
                failed = true
                logger.error("schema newer", metadata: ["job": "\(name)", "error": "\(fault)"])
            } catch {
                failed = true
                logger.error("job failed", metadata: ["job": "\(name)", "error": "\(error)"])
            }
            // A cancelled sleep ends the loop by its condition.
            do { try await Task.sleep(for: failed ? max(pause, .seconds(10)) : pause) } catch { return }
        }
    }

    private func days(_ entity: ID<Entity>) async throws {
        let schedule = open.configuration.schedule, now = Instant.now
        let through = on ?? Day(number: Int((now.microseconds - schedule.dayAtMinute * 60_000_000) / 86_400_000_000))
        let scheduled = ScheduledDays(
            open.database, entity, open.configuration.terms, leaseSeconds: schedule.leaseSeconds, clock: { .now }
        ) { lease, stage in
            logger.info(
                "job",
                metadata: [
                    "job": "\(lease.name)", "entity": "\(entity.value)", "on": "\(lease.on.iso8601)", "fence": "\(lease.fence)",
                    "stage": "\(stage)",
                ])
        }
        _ = try await scheduled.run(through: through, today: on ?? now.day)
    }

    private func letters(_ entity: ID<Entity>) async throws {
        let configuration = open.configuration
        let report = try await DeliverOutbox(
            open.database, entity, configuration.mailer, from: configuration.mailFrom, clock: { .now }
        ).run()
        guard report.sent + report.failed > 0 else { return }
        logger.info("letters", metadata: ["entity": "\(entity.value)", "sent": "\(report.sent)", "failed": "\(report.failed)"])
    }

    /// A round waits for no turn that it began: whoever is slow keeps nobody else.
    private func webhooks() async {
        let egress = Egress(allowed: open.configuration.egressAllowed)
        await withTaskGroup(of: Void.self) { group in
            var turns = 0
            await repeated("webhooks", every: .seconds(2)) { entity in
                let deliver = DeliverWebhooks(open.database, entity, clock: { .now }) { message in
                    // libcurl blocks its thread: one of its own, so that nothing waits behind a slow address.
                    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
                        Thread.detachNewThread {
                            done.resume(with: Result { try egress.post(message.url, headers: message.headers, body: message.body) })
                        }
                    }
                }
                try await deliver.begin(in: &group, &turns) { note($0, of: entity) }
            }
        }
    }

    private func note(_ turn: Result<DeliverWebhooks.Report, any Error>, of entity: ID<Entity>) {
        switch turn {
        case .success(let report):
            guard report.failed > 0 else { return }
            logger.warning("webhooks", metadata: ["entity": "\(entity.value)", "sent": "\(report.sent)", "failed": "\(report.failed)"])
        case .failure(let error):
            logger.error("job failed", metadata: ["job": "webhooks", "entity": "\(entity.value)", "error": "\(error)"])
        }
    }
}
