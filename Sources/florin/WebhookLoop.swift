import Connectors
import Dispatch
import Logging
import Operations
import Web

/// Tells webhooks what happens, round after round, until the task is cancelled. A failed round is logged; the next one tries again.
func deliverWebhooks(_ open: OpenBooks, _ logger: Logger) async {
    let egress = Egress(allowed: open.configuration.egressAllowed)
    let round = DeliverWebhooks(open.database, open.entity, clock: { .now }) { message in
        // libcurl blocks its thread: one of its own, so that requests do not wait behind a slow address.
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async {
                done.resume(with: Result { try egress.post(message.url, headers: message.headers, body: message.body) })
            }
        }
    }
    while !Task.isCancelled {
        do {
            let report = try await round.run()
            if report.failed > 0 { logger.warning("webhooks", metadata: ["sent": "\(report.sent)", "failed": "\(report.failed)"]) }
            try await Task.sleep(for: .seconds(2))
        } catch is CancellationError {
            return
        } catch {
            logger.error("webhooks failed", metadata: ["error": "\(error)"])
            // A cancelled sleep ends the loop by its condition.
            do { try await Task.sleep(for: .seconds(10)) } catch { return }
        }
    }
}
