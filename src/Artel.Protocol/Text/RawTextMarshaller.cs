using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Artel.Protocol.Text;

/// <summary>Hands <see cref="RawText"/> to the C library as the bytes that it stands for.</summary>
[CustomMarshaller(typeof(string), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
public static unsafe class RawTextMarshaller
{
    /// <summary>One argument of one call.</summary>
    public ref struct In
    {
        private byte* _text;
        private bool _isAllocated;

        /// <summary>Longer text is allocated.</summary>
        public static int BufferSize => 256;

        /// <param name="managed">The text.</param>
        /// <param name="buffer">On the stack of the caller.</param>
        public void FromManaged(string? managed, Span<byte> buffer)
        {
            if (managed is null)
                return;

            var length = RawText.CountBytes(managed) + 1;
            if (length > buffer.Length)
            {
                _text = (byte*)NativeMemory.Alloc((nuint)length);
                _isAllocated = true;
                buffer = new Span<byte>(_text, length);
            }
            else
            {
                _text = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer));
            }

            buffer[RawText.WriteBytes(managed, buffer)] = 0;
        }

        /// <summary>What the call gets.</summary>
        public readonly byte* ToUnmanaged() => _text;

        /// <summary>After the call.</summary>
        public readonly void Free()
        {
            if (_isAllocated)
                NativeMemory.Free(_text);
        }
    }
}
