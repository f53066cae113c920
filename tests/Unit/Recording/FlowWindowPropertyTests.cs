using Appliance.Recording;
using FsCheck;
using FsCheck.Fluent;

namespace Appliance.Tests.Unit.Recording;

/// <summary>A window does what its model does, whatever comes in whatever order. A number stands for one event.</summary>
[TestClass]
public sealed class FlowWindowPropertyTests
{
    [TestMethod]
    public void Short_segments_are_kept_as_the_model_keeps_them() =>
        Hold(200, new Setting(MaxBytes: 500, PoolBytes: 1 << 20, Longest: 30));

    [TestMethod]
    public void Chunk_borders_do_not_show() =>
        Hold(40, new Setting(MaxBytes: 12_000, PoolBytes: 1 << 20, Longest: 5000));

    [TestMethod]
    public void A_scarce_pool_refuses_and_harms_nothing() =>
        Hold(40, new Setting(MaxBytes: 20_000, PoolBytes: 3 * ChunkPool.ChunkBytes, Longest: 3000));

    [TestMethod]
    public void Many_pieces_keep_their_order() =>
        Hold(20, new Setting(MaxBytes: 2000, PoolBytes: 1 << 20, Longest: 2), preparation: Run.Scatter);

    private static void Hold(int tests, Setting setting, Action<Run>? preparation = null) => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ArrayOf().ToArbitrary(),
        events =>
        {
            var pool = new ChunkPool(setting.PoolBytes);
            using (var run = new Run(pool, setting, events.FirstOrDefault()))
            {
                preparation?.Invoke(run);
                foreach (var e in events)
                {
                    run.Apply(e);
                    run.Compare();
                }
                run.CompareContent();
            }
            Assert.AreEqual(0, pool.UsedBytes, "everything comes back");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(tests));

    private readonly record struct Setting(int MaxBytes, int PoolBytes, int Longest);

    private sealed class Run : IDisposable
    {
        private readonly ChunkPool _pool;
        private readonly Setting _setting;
        private readonly FlowWindow _window;
        private readonly WindowModel _model;
        private readonly int _seed;
        private readonly int _pace;
        private ulong _now;
        private uint _ack;

        public Run(ChunkPool pool, Setting setting, int seed)
        {
            var random = new Random(seed);
            (_pool, _setting, _seed) = (pool, setting, seed);
            _pace = 1 + random.Next(10);
            var isn = (uint)random.NextInt64(1L << 32);
            // Sequence numbers wrap within the window, half way or not at all, after a few gigabytes or none.
            var sequence = (random.Next(3) * (1L << 31)) - random.Next(setting.MaxBytes);
            var start = random.Next(4) == 0 ? 0 : (1L << 32) + sequence - isn - 1 + (random.Next(5) * (1L << 32));
            start = Math.Max(0, start);
            _window = new FlowWindow(pool, isn, setting.MaxBytes);
            _window.Release(start);
            _model = new WindowModel(start, setting.MaxBytes);
        }

        /// <summary>Hundreds of pieces in no order, most of which then grow together, in no order either.</summary>
        public static void Scatter(Run run)
        {
            var offsets = Enumerable.Range(0, 700).Select(static i => 2L * i).ToArray();
            var random = new Random(run._seed);
            random.Shuffle(offsets);
            foreach (var offset in offsets)
            {
                Add(offset);
            }
            random.Shuffle(offsets);
            foreach (var offset in offsets.Take(600))
            {
                Add(offset + 1);
            }
            run.Compare();
            run.CompareContent();

            void Add(long offset)
            {
                run._now++;
                run.Append(run._model.Start + offset, (uint)offset / 32, fin: false, [1]);
            }
        }

        public void Apply(int number)
        {
            var random = new Random(number);
            _now += (ulong)random.Next(3);
            _ack += random.Next(_pace) == 0 ? 1u : 0;
            switch (random.Next(8))
            {
                case 0:
                    Release(_model.Start + random.Next(_setting.MaxBytes / 3));
                    break;
                case 1:
                    Release(_model.End + random.Next(-_setting.Longest, 3));
                    break;
                default:
                    AppendSome(random);
                    break;
            }
        }

        public void Compare()
        {
            Assert.AreEqual((_model.Start, _model.End, _model.FinOffset), (_window.Start, _window.End, _window.FinOffset));
            Assert.AreEqual((_model.Bytes, _model.Pieces), (_window.Bytes, _window.Pieces));
            var forPieces = (_pool.UsedBytes / ChunkPool.ChunkBytes) - _model.Chunks;
            Assert.IsTrue(forPieces >= (_window.Pieces + 127) / 128 && forPieces <= (_window.Pieces + 254) / 128, "no chunk is kept for nothing");
        }

        /// <summary>Walks through the window as a repair does: read, go on, skip holes.</summary>
        public void CompareContent()
        {
            var destination = new byte[_setting.Longest];
            var at = Math.Max(0, _model.Start - 10);
            var contiguous = at;
            while (at <= _model.End)
            {
                Assert.AreEqual(_model.IsHeld(at), _window.TryRead(at, destination, out var piece));
                if (_model.IsHeld(at))
                {
                    ComparePiece(at, piece, destination.AsSpan(0, piece.Length), wasFull: piece.Length == destination.Length);
                    contiguous = contiguous > at ? contiguous : _window.ContiguousEnd(at);
                    at = piece.End;
                    Assert.IsTrue(at == contiguous ? !_model.IsHeld(at) : _model.IsHeld(at), "the end of a run");
                    continue;
                }
                Assert.AreEqual(at, _window.ContiguousEnd(at));
                var next = _window.NextHeld(at);
                for (; at <= _model.End && !_model.IsHeld(at); at++)
                {
                }
                Assert.AreEqual(at <= _model.End ? at : null, next);
            }
        }

        public void Dispose() => _window.Dispose();

        private void ComparePiece(long at, WindowPiece piece, ReadOnlySpan<byte> bytes, bool wasFull)
        {
            Assert.AreEqual(at, piece.Offset);
            Assert.AreEqual(_model.RecordedNs(at), piece.RecordedNs);
            for (var i = 0; i < bytes.Length; i++)
            {
                Assert.AreEqual((bytes[i], piece.Ack), _model.At(at + i));
            }
            if (piece.Fin)
            {
                Assert.AreEqual((WindowModel.Fin, piece.Ack), _model.At(piece.End - 1));
            }
            Assert.IsGreaterThan(at, piece.End, "it goes on");
            Assert.IsTrue(
                (wasFull && !piece.Fin) || !_model.IsHeld(piece.End) || _model.At(piece.End).Ack != piece.Ack,
                "as much as there is with one mark");
        }

        private void AppendSome(Random random)
        {
            var length = random.Next(_setting.Longest + 1);
            // Mostly in order; else from below the window to beyond it.
            var offset = random.Next(3) == 0
                ? _model.End
                : _model.Start + random.Next(-_setting.Longest, _setting.MaxBytes + (_setting.MaxBytes / 8));
            var payload = new byte[length];
            for (var i = 0; i < length; i++)
            {
                payload[i] = (byte)((offset + i) * 31);
            }
            for (var i = random.Next(10) == 0 ? random.Next(5) : 0; i > 0 && length > 0; i--)
            {
                payload[random.Next(length)] ^= 0x80;
            }
            Append(offset, _ack, fin: random.Next(12) == 0, payload);
        }

        private void Append(long offset, uint ack, bool fin, byte[] payload)
        {
            var used = _pool.UsedBytes;
            var isScarce = _pool.Available < (payload.Length / ChunkPool.ChunkBytes) + 5;
            var result = _window.Append(_window.SequenceOf(offset), ack, fin, payload, _now);
            Assert.IsTrue(result.Refused == 0 || used == _pool.UsedBytes, "a refusal takes nothing");
            Assert.AreEqual(_model.Append(offset, ack, fin, payload, _now, poolRefuses: isScarce && result.Refused > 0), result);
        }

        private void Release(long upTo)
        {
            _window.Release(upTo);
            _model.Release(upTo);
        }
    }
}
