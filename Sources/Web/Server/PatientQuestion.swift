import Synchronization

/// A question to the database whose answer is waited for only so long. Whoever asks while it is open waits for the same one: those that a
/// database keeps without an answer do not pile up.
final class PatientQuestion<Value: Sendable>: Sendable {
    typealias Answered = Result<Value, any Error>

    private struct State {
        var isOpen = false
        var lastID = 0
        var waiting: [Int: CheckedContinuation<Answered?, Never>] = [:]
    }
    private let state = Mutex(State())

    /// - Returns: nil when nothing was answered in time.
    func ask(within patience: Duration, _ question: @escaping @Sendable () async throws -> Value) async -> Answered? {
        await withCheckedContinuation { waiter in
            let (id, opens) = state.withLock { state in
                let opens = !state.isOpen
                state.isOpen = true
                state.lastID += 1
                state.waiting[state.lastID] = waiter
                return (state.lastID, opens)
            }
            // What hangs cannot be cancelled: neither task is one that somebody waits for.
            if opens {
                Task {
                    do { self.answer(.success(try await question())) } catch { self.answer(.failure(error)) }
                }
            }
            Task {
                do { try await Task.sleep(for: patience) } catch { return }
                self.giveUp(id)
            }
        }
    }

    private func answer(_ answer: Answered) {
        let waiting = state.withLock { state in
            defer { (state.isOpen, state.waiting) = (false, [:]) }
            return state.waiting
        }
        for waiter in waiting.values { waiter.resume(returning: answer) }
    }

    private func giveUp(_ id: Int) {
        let waiter = state.withLock { $0.waiting.removeValue(forKey: id) }
        waiter?.resume(returning: nil)
    }
}
