/* The loops of a run for which NumPy needs many passes: looking draws up, adding scenarios up.
 *
 * Optional. Every function does what the NumPy lines beside its call in loops.py do, with the same
 * roundings in the same order (no fused multiply-add), so results are equal bit for bit. The
 * interpreter lock is released, so that threads run side by side. Indices are trusted: they come
 * from tables of the engine.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define MOST_CELLS 256

/* Fill `views` from `args`, each contiguous and of the given item size; -1 with an exception set. */
static int
open_buffers(PyObject *const *objects, Py_buffer *views, const Py_ssize_t *sizes,
             const int *writable, int count)
{
    for (int k = 0; k < count; k++) {
        int flags = PyBUF_C_CONTIGUOUS | (writable[k] ? PyBUF_WRITABLE : 0);
        int failed = PyObject_GetBuffer(objects[k], &views[k], flags);
        if (!failed && views[k].itemsize != sizes[k]) {
            PyErr_SetString(PyExc_TypeError, "wrong item size");
            PyBuffer_Release(&views[k]);
            failed = 1;
        }
        if (failed) {
            while (k-- > 0)
                PyBuffer_Release(&views[k]);
            return -1;
        }
    }
    return 0;
}

static void
close_buffers(Py_buffer *views, int count)
{
    while (count-- > 0)
        PyBuffer_Release(&views[count]);
}

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EVERY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EVERY_PROCESSOR
#endif

FOR_EVERY_PROCESSOR static void
look_up_values(const double *restrict u, Py_ssize_t rows, const double *restrict start,
               const double *restrict slope, double *restrict out, int64_t *restrict slots)
{
    for (Py_ssize_t i = 0; i < rows; i++) {
        double w = u[i] > 0.5 ? u[i] - 1.0 : u[i];
        union { float number; uint32_t bits; } single = {(float)w};
        int64_t slot = single.bits >> 16;
        slots[i] = slot;
        out[i] = start[slot] + slope[slot] * w;
    }
}

FOR_EVERY_PROCESSOR static void
number_cells(const double *restrict u, Py_ssize_t rows, const int64_t *restrict slots,
             const int64_t *restrict shift, int64_t *restrict cells, double equal)
{
    for (Py_ssize_t i = 0; i < rows; i++) {
        double place = u[i] * equal;
        place = place < equal - 0.5 ? place : equal - 0.5;
        cells[i] = (int64_t)(int32_t)place + shift[slots[i]];
    }
}

/* look_up(u, start, slope, out, slots): out = start[slot] + slope[slot] * w, w the signed distance
 * from the nearer end of (0, 1) and slot its number; slots are kept. */
static PyObject *
look_up(PyObject *self, PyObject *args)
{
    PyObject *objects[5];
    Py_buffer views[5];
    const Py_ssize_t sizes[5] = {8, 8, 8, 8, 8};
    const int writable[5] = {0, 0, 0, 1, 1};
    if (!PyArg_ParseTuple(args, "OOOOO", &objects[0], &objects[1], &objects[2], &objects[3],
                          &objects[4]))
        return NULL;
    if (open_buffers(objects, views, sizes, writable, 5))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    look_up_values(views[0].buf, views[0].len / 8, views[1].buf, views[2].buf, views[3].buf,
                   views[4].buf);
    Py_END_ALLOW_THREADS
    close_buffers(views, 5);
    Py_RETURN_NONE;
}

/* cells(u, slots, shift, out, equal): out = min(u * equal, equal - 0.5) + shift[slot] */
static PyObject *
cells(PyObject *self, PyObject *args)
{
    PyObject *objects[4];
    Py_buffer views[4];
    const Py_ssize_t sizes[4] = {8, 8, 8, 8};
    const int writable[4] = {0, 0, 0, 1};
    double equal;
    if (!PyArg_ParseTuple(args, "OOOOd", &objects[0], &objects[1], &objects[2], &objects[3],
                          &equal))
        return NULL;
    if (open_buffers(objects, views, sizes, writable, 4))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    number_cells(views[0].buf, views[0].len / 8, views[1].buf, views[2].buf, views[3].buf, equal);
    Py_END_ALLOW_THREADS
    close_buffers(views, 4);
    Py_RETURN_NONE;
}

/* count(index, into): into[index[i]] += 1 */
static PyObject *
count(PyObject *self, PyObject *args)
{
    PyObject *objects[2];
    Py_buffer views[2];
    const Py_ssize_t sizes[2] = {8, 4};
    const int writable[2] = {0, 1};
    if (!PyArg_ParseTuple(args, "OO", &objects[0], &objects[1]))
        return NULL;
    if (open_buffers(objects, views, sizes, writable, 2))
        return NULL;
    const int64_t *index = views[0].buf;
    int32_t *into = views[1].buf;
    Py_ssize_t rows = views[0].len / 8;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = 0; i < rows; i++)
        into[index[i]]++;
    Py_END_ALLOW_THREADS
    close_buffers(views, 2);
    Py_RETURN_NONE;
}

/* Two drivers at a time: their additions do not wait for each other. */
static void
add_two(const int64_t *a, const int64_t *b, const int64_t *bin, const double *z,
        const double *square, Py_ssize_t rows, int32_t *joint_a, int32_t *joint_b, Py_ssize_t bins,
        double (*sums)[4])
{
    for (Py_ssize_t i = 0; i < rows; i++) {
        int64_t p = a[i], q = b[i], y = bin[i];
        double v = z[i], w = square[i];
        joint_a[p * bins + y]++;
        joint_b[q * bins + y]++;
        sums[p][0] += v;
        sums[p][1] += w;
        sums[q][2] += v;
        sums[q][3] += w;
    }
}

static void
add_one(const int64_t *a, const int64_t *bin, const double *z, const double *square,
        Py_ssize_t rows, int32_t *joint, Py_ssize_t bins, double (*sums)[4])
{
    for (Py_ssize_t i = 0; i < rows; i++) {
        int64_t p = a[i];
        joint[p * bins + bin[i]]++;
        sums[p][0] += z[i];
        sums[p][1] += square[i];
    }
}

/* pairs(cells, bin, z, square, joint, sums, squares, cell_count, bins)
 *
 * For every driver: joint[cell, bin] += 1, sums[cell] += z, squares[cell] += square; the sums of a
 * call are formed apart, from zero, and added at its end, as numpy.bincount does. */
static PyObject *
pairs(PyObject *self, PyObject *args)
{
    PyObject *objects[7];
    Py_buffer views[7];
    const Py_ssize_t sizes[7] = {8, 8, 8, 8, 4, 8, 8};
    const int writable[7] = {0, 0, 0, 0, 1, 1, 1};
    Py_ssize_t cell_count, bins;
    if (!PyArg_ParseTuple(args, "OOOOOOOnn", &objects[0], &objects[1], &objects[2], &objects[3],
                          &objects[4], &objects[5], &objects[6], &cell_count, &bins))
        return NULL;
    if (cell_count > MOST_CELLS) {
        PyErr_SetString(PyExc_ValueError, "too many cells");
        return NULL;
    }
    if (open_buffers(objects, views, sizes, writable, 7))
        return NULL;
    const int64_t *cells = views[0].buf, *bin = views[1].buf;
    const double *z = views[2].buf, *square = views[3].buf;
    int32_t *joint = views[4].buf;
    double *sums = views[5].buf, *squares = views[6].buf;
    Py_ssize_t rows = views[1].len / 8, drivers = rows ? views[0].len / 8 / rows : 0;
    Py_ssize_t step = cell_count * bins;
    double apart[MOST_CELLS][4];
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t d = 0; d < drivers; d += 2) {
        int two = d + 1 < drivers;
        memset(apart, 0, sizeof apart);
        if (two)
            add_two(cells + d * rows, cells + (d + 1) * rows, bin, z, square, rows,
                    joint + d * step, joint + (d + 1) * step, bins, apart);
        else
            add_one(cells + d * rows, bin, z, square, rows, joint + d * step, bins, apart);
        for (Py_ssize_t c = 0; c < cell_count; c++) {
            sums[d * cell_count + c] += apart[c][0];
            squares[d * cell_count + c] += apart[c][1];
            if (two) {
                sums[(d + 1) * cell_count + c] += apart[c][2];
                squares[(d + 1) * cell_count + c] += apart[c][3];
            }
        }
    }
    Py_END_ALLOW_THREADS
    close_buffers(views, 7);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"look_up", look_up, METH_VARARGS, "Quantiles by a table of straight lines."},
    {"cells", cells, METH_VARARGS, "Cells of continuous points."},
    {"count", count, METH_VARARGS, "Count indices in place."},
    {"pairs", pairs, METH_VARARGS, "Count and sum by the cells of every driver, in place."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_loops", "Adding scenarios up by cell.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit__loops(void)
{
    return PyModule_Create(&module);
}
